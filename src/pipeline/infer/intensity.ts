/** How displayed values, 0 to 1, are mapped before mean and deviation: `input.intensity` of the manifest. */
export type Intensity =
  | { readonly kind: 'voi' }
  | { readonly kind: 'percentile'; readonly low: number; readonly high: number }
  | { readonly kind: 'equalize' }

const BINS = 256

/** In double precision and rounded once, as models/training/preprocess.py does it. */
export function mapIntensity(image: Float32Array, intensity: Intensity): Float32Array {
  if (intensity.kind === 'voi') return image
  if (intensity.kind === 'equalize') return equalize(image)
  return percentileWindow(image, intensity.low, intensity.high)
}

/** The value at place floor(p / 100 (n - 1) + 0.5) of the sorted ones becomes 0 (low) or 1 (high); an image without spread is 0. */
function percentileWindow(image: Float32Array, low: number, high: number): Float32Array {
  const bits = new Uint32Array(image.buffer, image.byteOffset, image.length)
  const counts = new Uint32Array(65_536)
  for (let i = 0; i < bits.length; i++) counts[(bits[i] as number) >>> 16]!++
  const valueAt = (percent: number) => smallest(bits, counts, Math.floor((percent / 100) * (image.length - 1) + 0.5))
  const bottom = valueAt(low)
  const span = valueAt(high) - bottom
  const out = new Float32Array(image.length)
  if (!(span > 0)) return out
  for (let i = 0; i < image.length; i++) out[i] = Math.min(Math.max(((image[i] as number) - bottom) / span, 0), 1)
  return out
}

/**
 * The value at a place of the sorted image. The bits of floats that are not negative sort as the floats do: `counts`
 * of their upper halves finds the few values that are left to sort.
 */
function smallest(bits: Uint32Array, counts: Uint32Array, place: number): number {
  let upper = 0
  let below = 0
  while (below + (counts[upper] as number) <= place) below += counts[upper++] as number
  const candidates = new Uint32Array(counts[upper] as number)
  for (let i = 0, count = 0; i < bits.length; i++) {
    if ((bits[i] as number) >>> 16 === upper) candidates[count++] = bits[i] as number
  }
  candidates.sort()
  return new Float32Array(candidates.buffer)[place - below] ?? 0
}

/** Histogram equalization over 256 bins, linear within a bin. */
function equalize(image: Float32Array): Float32Array {
  const counts = new Float64Array(BINS)
  const binOf = (scaled: number) => Math.min(Math.floor(scaled), BINS - 1)
  const scale = (value: number) => Math.min(Math.max(value, 0), 1) * BINS
  for (const value of image) counts[binOf(scale(value))]!++
  const below = new Float64Array(BINS)
  for (let bin = 1; bin < BINS; bin++) below[bin] = (below[bin - 1] as number) + (counts[bin - 1] as number)
  return Float32Array.from(image, (value) => {
    const scaled = scale(value)
    const bin = binOf(scaled)
    return ((below[bin] as number) + (scaled - bin) * (counts[bin] as number)) / image.length
  })
}
