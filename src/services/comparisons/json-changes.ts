import { type ArrayDelta, create, type Delta } from 'jsondiffpatch';
import { type JsonTree, keyOf, written } from './json-tree.ts';

/** What became of one value. Values are JSON as it was written; null where there is none. */
export interface JsonChange {
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  /** Its place as a JSON Pointer (RFC 6901); of something removed in the first text, else in the second. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Where something moved from; what is different in it is told beside. */
  readonly from: string | null;
}

/** Items of arrays belong together by their `id`, or else where they are the same altogether. */
const differ = create({
  objectHash: (item) => idOf(item as JsonTree) ?? JSON.stringify(item),
  arrays: { detectMove: true, includeValueOnMove: true },
});

/** Everything that differs between two JSON values but the order of keys. Throws `RangeError` where they go too deep. */
export function jsonChanges(left: JsonTree, right: JsonTree): JsonChange[] {
  const changes: JsonChange[] = [];
  collect(changes, '', differ.diff(left, right), right);
  return changes;
}

/** Whether keys that both have stand in another order somewhere. */
export function isReordered(left: JsonTree, right: JsonTree): boolean {
  if (typeof left === 'string' || typeof right === 'string') return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [one, other] = [Object.entries(left), new Map(Object.entries(right))];
  const common = one.filter(([name]) => other.has(name));
  const there = [...other.keys()].filter((name) => Object.hasOwn(left, name));
  return common.some(([name, value], at) => name !== there[at] || isReordered(value, other.get(name)!));
}

/** `right` is what stands at `path` in the second text. */
function collect(changes: JsonChange[], path: string, delta: Delta, right: JsonTree | undefined): void {
  if (delta === undefined) return;
  if (Array.isArray(delta)) changes.push(changeOf(path, delta as readonly unknown[]));
  // The mark of an array; the keys of an object begin with a number.
  else if ('_t' in delta) collectItems(changes, path, delta as ArrayDelta, right as JsonTree[]);
  else {
    const members = right as Record<string, JsonTree>;
    for (const [name, inner] of Object.entries(delta)) collect(changes, step(path, name), inner, members[name]);
  }
}

/** Items taken from a place and put in the same place are one change, and looked into. */
function collectItems(changes: JsonChange[], path: string, delta: ArrayDelta, right: readonly JsonTree[]): void {
  const deltas = new Map<string, Delta>(Object.entries(delta).filter(([name]) => name !== '_t'));
  for (const [name, inner] of deltas) {
    const added = name.startsWith('_') ? null : itemAdded(inner);
    const removed = added === null ? null : itemRemoved(deltas.get(`_${name}`));
    if (added === null || removed === null || !areAlike(removed, added)) continue;
    collect(changes, `${path}/${name}`, differ.diff(removed, added), added);
    deltas.delete(name);
    deltas.delete(`_${name}`);
  }
  for (const [name, inner] of deltas) {
    const [value, to, sort] = Array.isArray(inner) ? (inner as readonly unknown[]) : [];
    const from = `${path}/${name.replace('_', '')}`;
    if (name.startsWith('_') && sort === 3)
      changes.push({
        kind: 'moved',
        path: `${path}/${to as number}`,
        from,
        before: written(value as JsonTree),
        after: written(right[to as number]!),
      });
    else collect(changes, from, inner, right[Number(name)]);
  }
}

function changeOf(path: string, delta: readonly unknown[]): JsonChange {
  const [first, second] = delta as readonly JsonTree[];
  const from = null;
  if (delta.length === 1) return { kind: 'added', path, from, before: null, after: written(first!) };
  if (delta.length === 3) return { kind: 'removed', path, from, before: written(first!), after: null };
  return { kind: 'changed', path, from, before: written(first!), after: written(second!) };
}

function itemAdded(delta: Delta): JsonTree | null {
  return Array.isArray(delta) && delta.length === 1 ? (delta[0] as JsonTree) : null;
}

function itemRemoved(delta: Delta): JsonTree | null {
  return Array.isArray(delta) && delta.length === 3 && delta[2] === 0 ? (delta[0] as JsonTree) : null;
}

/** Whether one may have become the other: not where each says that it is another thing. */
function areAlike(left: JsonTree, right: JsonTree): boolean {
  const [one, other] = [idOf(left), idOf(right)];
  return one === other || one === null || other === null;
}

function idOf(item: JsonTree): string | null {
  const id = typeof item === 'string' || Array.isArray(item) ? null : item['1:id'];
  return typeof id === 'string' ? id : null;
}

/** One step further, with `~` and `/` escaped (RFC 6901, section 3); a key that stands again says so. */
function step(path: string, name: string): string {
  const { key, nth } = keyOf(name);
  return `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}${nth > 1 ? ` (no. ${nth})` : ''}`;
}
