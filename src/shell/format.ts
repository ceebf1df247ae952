/** printf's conversions as C has them (ISO C 7.23.6.1): for printf, awk, seq and find. */

export interface Conversion {
  /** "-", "+", " ", "#", "0". */
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly verb: string;
}

/** Width and precision are at most so large: nothing typed may fill memory with blanks. */
export const MAX_WIDTH = 100_000;

function padded(text: string, { flags, width }: Conversion, zero: boolean): string {
  if (text.length >= width) return text;
  if (flags.includes("-")) return text.padEnd(width);
  if (!zero || !flags.includes("0")) return text.padStart(width);
  const sign = /^[-+ ]?(0[xX])?/.exec(text)?.[0] ?? "";
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}

export const formatText = (conversion: Conversion, text: string): string =>
  padded(conversion.precision === undefined ? text : text.slice(0, conversion.precision), conversion, false);

export function formatInteger(conversion: Conversion, value: bigint): string {
  const { flags, precision, verb } = conversion;
  const signed = verb === "d" || verb === "i";
  const base = verb === "o" ? 8 : verb === "x" || verb === "X" ? 16 : 10;
  const magnitude = signed ? (value < 0n ? -value : value) : BigInt.asUintN(64, value);
  let digits = magnitude.toString(base);
  if (verb === "X") digits = digits.toUpperCase();
  if (precision !== undefined) digits = precision === 0 && magnitude === 0n ? "" : digits.padStart(precision, "0");
  if (flags.includes("#") && magnitude !== 0n) digits = (base === 16 ? `0${verb}` : base === 8 ? "0" : "") + digits;
  const sign = !signed ? "" : value < 0n ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  return padded(sign + digits, conversion, precision === undefined);
}

/** "1.5e3" as "1.5e+03". */
const exponent = (text: string): string => text.replace(/e([-+])(\d)$/, "e$10$2");

function general(value: number, precision: number, alternate: boolean): string {
  const digits = precision === 0 ? 1 : precision;
  if (value === 0) return alternate ? (0).toFixed(digits - 1) : "0";
  const power = Number(value.toExponential(Math.min(100, digits - 1)).split("e")[1]);
  const text =
    power < -4 || power >= digits
      ? value.toExponential(Math.min(100, digits - 1))
      : value.toFixed(Math.min(100, Math.max(0, digits - 1 - power)));
  const [mantissa = "", rest] = text.split("e");
  const short = alternate || !mantissa.includes(".") ? mantissa : mantissa.replace(/\.?0+$/, "");
  return rest === undefined ? short : exponent(`${short}e${rest}`);
}

/** toFixed gives exponents from 10^21 on. */
function fixed(value: number, precision: number): string {
  if (value < 1e21) return value.toFixed(precision);
  return BigInt(value).toString() + (precision > 0 ? `.${"0".repeat(precision)}` : "");
}

export function formatNumber(conversion: Conversion, value: number): string {
  const { flags, verb } = conversion;
  const sign = value < 0 || Object.is(value, -0) ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const magnitude = Math.abs(value);
  let text: string;
  if (!Number.isFinite(value)) text = Number.isNaN(value) ? "nan" : "inf";
  else {
    const precision = Math.min(100, conversion.precision ?? 6);
    switch (verb.toLowerCase()) {
      case "e":
        text = exponent(magnitude.toExponential(precision));
        break;
      case "g":
        text = general(magnitude, precision, flags.includes("#"));
        break;
      default:
        text = fixed(magnitude, precision);
    }
  }
  if (verb !== verb.toLowerCase()) text = text.toUpperCase();
  return padded(sign + text, conversion, Number.isFinite(value));
}
