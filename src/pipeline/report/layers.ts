export type LayerName = 'AI_BOXES' | 'AI_TEXT' | 'AI_CAM'

export interface Layer {
  readonly name: LayerName
  /** Lower is drawn first. */
  readonly order: number
  readonly description: string
  /** P-value of a display that has no colour; 65535 is white. */
  readonly gray: number
  /** CIELab as PS3.3 C.10.7.1.1 scales it: L by 65535/100, a and b by 257 from -128. */
  readonly cieLab: readonly [number, number, number]
  /** The same colour for our own picture. */
  readonly css: string
}

function scaled(l: number, a: number, b: number): readonly [number, number, number] {
  return [Math.round((l * 65535) / 100), Math.round((a + 128) * 257), Math.round((b + 128) * 257)]
}

/** Amber for what a detector drew, cyan for what a map suggests: apart also for the colour-blind. */
export const LAYERS: readonly Layer[] = [
  {
    name: 'AI_BOXES',
    order: 1,
    description: 'AI: detected regions',
    gray: 65535,
    cieLab: scaled(83, 6, 80),
    css: '#ffc832',
  },
  { name: 'AI_TEXT', order: 2, description: 'AI: labels', gray: 65535, cieLab: scaled(83, 6, 80), css: '#ffc832' },
  {
    name: 'AI_CAM',
    order: 3,
    description: 'AI: weakly localized regions',
    gray: 65535,
    cieLab: scaled(83, -38, -18),
    css: '#3ce1f0',
  },
]
