import fc from 'fast-check';
import { oddText, oddValue } from './odd.js';

/** A place in a value: what holds it, and under which key. */
interface Place {
  holder: Record<string, unknown>;
  key: string;
}

const PLAIN = { enumerable: true, configurable: true, writable: true };

type Change = 'replace' | 'remove' | 'add' | 'text' | 'repeat';

/** A value that fits but for one or two places. */
export function nearly(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.record({
    place: fc.nat(1_000_000),
    kind: fc.constantFrom<Change>('replace', 'replace', 'remove', 'add', 'text', 'repeat'),
    odd: oddValue,
    name: oddText,
  });
  return fc
    .tuple(value, fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([fitting, changes]) => {
      const root = { value: structuredClone(fitting) };
      // Odd values are the same ones each time: what a second change does to one must not be in the next.
      for (const each of changes) apply(root, { ...each, odd: structuredClone(each.odd) });
      return root.value;
    });
}

function apply(
  root: { value: unknown },
  { place, kind, odd, name }: { place: number; kind: Change; odd: unknown; name: string },
): void {
  const places = placesOf(root as Record<string, unknown>);
  const found = places[place % places.length];
  // All was removed before.
  if (!found) return;
  const { holder, key } = found;
  const met = holder[key];
  if (kind === 'replace') holder[key] = odd;
  else if (kind === 'text') holder[key] = name;
  else if (kind === 'repeat') holder[key] = Array.isArray(met) ? [...met, ...met] : [met, met];
  else if (kind === 'remove') remove(holder, key);
  else addTo(met, name, odd);
}

function addTo(met: unknown, name: string, odd: unknown): void {
  if (Array.isArray(met)) met.push(odd);
  else if (met !== null && typeof met === 'object')
    Object.defineProperty(met, name, { ...PLAIN, value: odd });
}

function remove(holder: Record<string, unknown>, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

/** Every place; those deep inside are as likely as the others. */
function placesOf(root: Record<string, unknown>): Place[] {
  const places: Place[] = [];
  const holders = [root];
  for (let holder = holders.pop(); holder !== undefined; holder = holders.pop()) {
    for (const [key, met] of Object.entries(holder)) {
      places.push({ holder, key });
      if (met !== null && typeof met === 'object') holders.push(met as Record<string, unknown>);
    }
  }
  return places;
}
