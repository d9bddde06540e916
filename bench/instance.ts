/** The first row of the diamonds. */
export const INSTANCE = {
  carat: 0.23,
  cut: 'Ideal',
  color: 'E',
  clarity: 'SI2',
  depth: 61.5,
  table: 55,
  x: 3.95,
  y: 3.98,
  z: 2.43,
};
