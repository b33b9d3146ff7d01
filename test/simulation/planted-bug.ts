/**
 * Bugs that are put into the simulated world, one at a time, to see that the invariants notice them. None of them is in
 * the product.
 */
export const PLANTED_BUGS = [
  'intent-after-effect',
  'fsync-ignored',
  'claim-not-exclusive',
  'seal-ignored',
  'outcome-ingested-twice',
  'retry-counted-early',
  'reservation-kept-on-crash',
  'dependant-before-integration',
  'slot-reused-before-snapshot',
  'lease-by-heartbeat',
  'restored-in-parts',
  'restored-without-merged',
] as const;

export type PlantedBug = (typeof PLANTED_BUGS)[number];
