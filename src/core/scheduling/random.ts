/** Numbers from 0 up to, without, 1: the same ones for the same seed (xorshift32). */
export function seededRandom(seed: number): () => number {
  // Any seed, also 0, becomes a state that is not 0.
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
