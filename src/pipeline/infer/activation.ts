export type Activation = 'none' | 'sigmoid' | 'softmax'

/** What the manifest says is still to be done to a head's raw values; softmax runs over all of them. */
export function activate(values: Float32Array, activation: Activation): Float32Array {
  if (activation === 'none') return values
  if (activation === 'sigmoid') return values.map((value) => 1 / (1 + Math.exp(-value)))
  const greatest = values.reduce((most, value) => Math.max(most, value), -Infinity)
  const powers = values.map((value) => Math.exp(value - greatest))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}
