import { seededRandom } from '../../src/ml/random.js';

const CITIES = { Bern: 31, Chur: 19, Genf: 38, Sion: 14, Zug: 45 };

/**
 * Returns flats and their rents, which depend on area and city together. Some years are missing. A column
 * has row numbers.
 */
export function flatsCsv(rows: number, seed = 1): string {
  const random = seededRandom(seed);
  const lines = Array.from({ length: rows }, (_, row) => {
    const area = 20 + 130 * random();
    const [city, price] = Object.entries(CITIES)[Math.floor(5 * random())]!;
    const year = 1950 + Math.floor(75 * random());
    const rent = area * price * (1 + 0.05 * random());
    return [row + 1, area.toFixed(1), city, row % 7 ? year : 'NA', rent.toFixed(2)].join(',');
  });
  return `nr,area,city,built,rent\n${lines.join('\n')}\n`;
}

/** Returns nuts of three kinds, by length and colour. */
export function nutsCsv(rows: number, seed = 2): string {
  const random = seededRandom(seed);
  const lines = Array.from({ length: rows }, () => {
    const length = 5 + 30 * random();
    const colour = ['brown', 'red'][Math.floor(2 * random())]!;
    const nut = length < 15 ? 'hazel' : colour === 'red' ? 'almond' : 'walnut';
    return `${length.toFixed(2)},${colour},${nut}`;
  });
  return `length,colour,nut\n${lines.join('\n')}\n`;
}

/** Returns numbers and a class that is independent of them. */
export function noiseCsv(rows: number, seed = 5): string {
  const random = seededRandom(seed);
  const lines = Array.from({ length: rows }, () =>
    [random().toFixed(3), random().toFixed(3), random() < 0.5 ? 'heads' : 'tails'].join(','),
  );
  return `wind,weight,coin\n${lines.join('\n')}\n`;
}
