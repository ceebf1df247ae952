/** What ping counts, and its last words (iputils, ping/ping_common.c gather_statistics and finish). */
export class PingStatistics {
  transmitted = 0;
  received = 0;
  repeats = 0;
  errors = 0;
  /** The longest round trip in µs. */
  longest = 0;
  /** The most requests that were out at one time. */
  pipe = 0;
  /** Moving average of round trips in eighths of µs. */
  average = 0;
  #shortest = Number.MAX_SAFE_INTEGER;
  #sum = 0;
  #squares = 0;
  #answered = new Set<number>();
  #acknowledged = 0;

  /** Requests that nobody has answered or complained about. */
  get inFlight(): number {
    return this.transmitted - this.#acknowledged;
  }

  hasAnswer(sequence: number): boolean {
    return this.#answered.has(sequence);
  }

  /** Counts an answer; gives whether it repeats one. `time` in µs, undefined when the request carried no clock. */
  answer(sequence: number, time: number | undefined): boolean {
    this.acknowledge(sequence);
    const repeated = this.#answered.has(sequence);
    if (repeated) this.repeats++;
    else {
      this.#answered.add(sequence);
      this.received++;
    }
    if (time !== undefined) {
      this.longest = Math.max(this.longest, time);
      this.#shortest = Math.min(this.#shortest, time);
      this.#sum += time;
      this.#squares += time * time;
      this.average = this.average === 0 ? time * 8 : this.average + time - Math.floor(this.average / 8);
    }
    return repeated;
  }

  error(sequence: number): void {
    this.errors++;
    this.acknowledge(sequence);
  }

  acknowledge(sequence: number): void {
    this.pipe = Math.max(this.pipe, this.transmitted - sequence + 1);
    this.#acknowledged = Math.max(this.#acknowledged, sequence);
  }

  /** The lines after the "--- … ---": `elapsed` in µs from the start to the last thing that happened. */
  summary(elapsed: number, timing: boolean, paced: boolean): string {
    const { transmitted, received, repeats, errors } = this;
    let text = `${transmitted} packets transmitted, ${received} received`;
    if (repeats) text += `, +${repeats} duplicates`;
    if (errors) text += `, +${errors} errors`;
    if (transmitted)
      text += `, ${formatG(((transmitted - received) * 100) / transmitted)}% packet loss, time ${Math.round(elapsed / 1000)}ms`;
    text += "\n";
    const parts: string[] = [];
    if (received && timing) {
      const count = received + repeats;
      const mean = Math.floor(this.#sum / count);
      const deviation = Math.floor(Math.sqrt(Math.max(0, this.#squares / count - (this.#sum / count) ** 2)));
      const figures = [this.#shortest, mean, this.longest, deviation].map(milliseconds).join("/");
      parts.push(`rtt min/avg/max/mdev = ${figures} ms`);
    }
    if (this.pipe > 1) parts.push(`pipe ${this.pipe}`);
    if (received && !paced && transmitted > 1) {
      const gap = Math.floor(elapsed / (transmitted - 1));
      parts.push(`ipg/ewma ${milliseconds(gap)}/${milliseconds(Math.floor(this.average / 8))} ms`);
    }
    return `${text}${parts.join(", ")}\n`;
  }
}

/** µs as ms with three decimals. */
export const milliseconds = (time: number): string => `${Math.floor(time / 1000)}.${String(Math.floor(time % 1000)).padStart(3, "0")}`;

/** C's %g: six significant digits, no trailing zeros. */
const formatG = (value: number): string => String(Number(value.toPrecision(6)));
