/** /proc/net/fib_trie: the level-compressed trie in which Linux keeps IPv4 routes (net/ipv4/fib_trie.c). */
import { formatIp } from "../../../kernel/address.ts";
import type { Route } from "../../../kernel/inet/fib.ts";
import type { Netns } from "../../../kernel/netns.ts";

const KEY_LENGTH = 32;
/** How many children of a hundred would have to be in use in a node once doubled, and may be for it to be halved: at the root, below. */
const INFLATE = { root: 30, below: 50 } as const;
const HALVE = { root: 15, below: 25 } as const;
const MAX_WORK = 10;

interface Leaf {
  readonly key: number;
  readonly routes: Route[];
  parent: Tnode | undefined;
}

/** An internal node: `bits` bits of the key from `pos` up choose the child. */
class Tnode {
  readonly key: number;
  readonly pos: number;
  readonly bits: number;
  readonly children: (Tnode | Leaf | undefined)[];
  parent: Tnode | undefined;

  constructor(key: number, pos: number, bits: number) {
    const shift = pos + bits;
    this.key = shift < KEY_LENGTH ? ((key >>> shift) << shift) >>> 0 : 0;
    this.pos = pos;
    this.bits = bits;
    this.children = new Array(2 ** bits).fill(undefined);
  }

  indexOf(key: number): number {
    return Math.floor(((key ^ this.key) >>> 0) / 2 ** this.pos);
  }

  /** Whether the child's bits follow without a gap. */
  isFull(child: Tnode | Leaf | undefined): child is Tnode {
    return child instanceof Tnode && child.pos + child.bits === this.pos;
  }

  get empty(): number {
    return this.children.filter((child) => child === undefined).length;
  }

  get full(): number {
    return this.children.filter((child) => this.isFull(child)).length;
  }

  put(index: number, child: Tnode | Leaf | undefined): void {
    this.children[index] = child;
    if (child) child.parent = this;
  }
}

class Trie {
  root: Tnode | Leaf | undefined;

  insert(route: Route): void {
    const key = route.dst.address as number;
    let parent: Tnode | undefined;
    let node = this.root;
    while (node instanceof Tnode) {
      const index = node.indexOf(key);
      if (index >= node.children.length) break;
      parent = node;
      node = node.children[index];
    }
    if (node && !(node instanceof Tnode) && node.key === key) {
      node.routes.push(route);
      return;
    }
    const leaf: Leaf = { key, routes: [route], parent: undefined };
    if (!node) {
      if (parent) parent.put(parent.indexOf(key), leaf);
      else this.root = leaf;
      if (parent) this.#rebalance(parent);
      return;
    }
    // The leaf and what stands in its place part at the highest bit in which they differ.
    const fork = new Tnode(key, 31 - Math.clz32(key ^ node.key), 1);
    this.#replace(parent, node, fork);
    fork.put(fork.indexOf(key), leaf);
    fork.put(fork.indexOf(node.key), node);
    this.#rebalance(fork);
  }

  #replace(parent: Tnode | undefined, old: Tnode | Leaf, by: Tnode | Leaf | undefined): void {
    if (parent) parent.put(parent.children.indexOf(old), by);
    else {
      this.root = by;
      if (by) by.parent = undefined;
    }
  }

  #rebalance(from: Tnode): void {
    let node: Tnode | undefined = from;
    while (node) node = this.#resize(node);
  }

  /** Doubles, halves or takes out a node, and gives the one above. */
  #resize(node: Tnode): Tnode | undefined {
    let now = node;
    let work = MAX_WORK;
    for (; work > 0 && shouldInflate(now); work--) now = this.#rebuilt(now, inflated(now));
    if (work !== MAX_WORK) return now.parent;
    for (; work > 0 && shouldHalve(now); work--) now = this.#rebuilt(now, halved(now));
    if (now.children.length - now.empty >= 2) return now.parent;
    const { parent } = now;
    this.#replace(
      parent,
      now,
      now.children.find((child) => child !== undefined),
    );
    return parent;
  }

  #rebuilt(old: Tnode, by: Tnode): Tnode {
    this.#replace(old.parent, old, by);
    for (const child of [...by.children]) if (by.isFull(child)) this.#resize(child);
    return by;
  }
}

function shouldInflate(node: Tnode): boolean {
  const length = node.children.length;
  const used = length - node.empty + node.full;
  return used > 1 && node.pos > 0 && 50 * used >= length * (node.parent ? INFLATE.below : INFLATE.root);
}

function shouldHalve(node: Tnode): boolean {
  const length = node.children.length;
  const used = length - node.empty;
  return used > 1 && node.bits > 1 && 100 * used < length * (node.parent ? HALVE.below : HALVE.root);
}

function inflated(old: Tnode): Tnode {
  const node = new Tnode(old.key, old.pos - 1, old.bits + 1);
  node.parent = old.parent;
  old.children.forEach((child, i) => {
    if (!child) return;
    if (!old.isFull(child)) {
      node.put(node.indexOf(child.key), child);
      return;
    }
    if (child.bits === 1) {
      node.put(2 * i, child.children[0]);
      node.put(2 * i + 1, child.children[1]);
      return;
    }
    // A larger one is split in two, each with half of its children.
    const half = child.children.length / 2;
    for (const side of [0, 1]) {
      const part = new Tnode(child.key + side * 2 ** (child.pos + child.bits - 1), child.pos, child.bits - 1);
      for (let k = 0; k < half; k++) part.put(k, child.children[side * half + k]);
      node.put(2 * i + side, part);
    }
  });
  return node;
}

function halved(old: Tnode): Tnode {
  const node = new Tnode(old.key, old.pos + 1, old.bits - 1);
  node.parent = old.parent;
  for (let i = 0; i < old.children.length; i += 2) {
    const [low, high] = [old.children[i], old.children[i + 1]];
    if (!low || !high) {
      if (low || high) node.put(i / 2, low ?? high);
      continue;
    }
    const pair = new Tnode(low.key, old.pos, 1);
    pair.put(0, low);
    pair.put(1, high);
    node.put(i / 2, pair);
  }
  return node;
}

const SCOPE_WORDS = { global: "universe", site: "site", link: "link", host: "host", nowhere: "nowhere" } as const;

/** Leaves and nodes from left to right, each as deep as it lies; a root with one prefix of length 0 is a node of its own. */
function print(node: Tnode | Leaf, depth: number): string {
  if (node instanceof Tnode) {
    const length = KEY_LENGTH - node.pos - node.bits;
    const line = `${"   ".repeat(depth)}  +-- ${formatIp(node.key)}/${length} ${node.bits} ${node.full} ${node.empty}\n`;
    return line + node.children.map((child) => (child ? print(child, depth + 1) : "")).join("");
  }
  const indent = "   ".repeat(depth);
  const routes = [...node.routes].sort((a, b) => b.dst.length - a.dst.length);
  const lines = routes.map((route) => `${indent}     /${route.dst.length} ${SCOPE_WORDS[route.scope]} ${route.type.toUpperCase()}\n`);
  return `${indent}  |-- ${formatIp(node.key)}\n${lines.join("")}`;
}

/** Main and local share one trie until a policy rule parts them, and both are printed. */
export function fibTrie(netns: Netns): string {
  const trie = new Trie();
  const { fib } = netns.inet;
  for (const route of [...fib.list(4, "local"), ...fib.list(4, "main")]) trie.insert(route);
  const text = trie.root ? print(trie.root, 0) : "";
  return `Main:\n${text}Local:\n${text}`;
}
