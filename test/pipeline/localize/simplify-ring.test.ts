import { contours } from 'd3-contour'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type RingPoint, simplifyRing } from '../../../src/pipeline/localize/simplify-ring.ts'

const turn = ([ax, ay]: RingPoint, [bx, by]: RingPoint, [cx, cy]: RingPoint) =>
  Math.sign((bx - ax) * (cy - ay) - (cx - ax) * (by - ay))

/** How often two sides of a ring cross each other, corners that only touch aside. */
function crossings(ring: readonly RingPoint[]): number {
  const side = (i: number) => [ring[i], ring[(i + 1) % ring.length]] as [RingPoint, RingPoint]
  let count = 0
  for (let i = 0; i < ring.length; i++) {
    const [a, b] = side(i)
    for (let j = i + 1; j < ring.length; j++) {
      const [c, d] = side(j)
      if (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0) count++
    }
  }
  return count
}

/** The outlines of a random map: as ragged as any, and none crosses itself. */
const outlines = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 24 * 24, maxLength: 24 * 24 }).map((values) =>
  contours()
    .size([24, 24])
    .contour(values, 3.5)
    .coordinates.map(([ring = []]) => ring.slice(0, -1).map(([x = 0, y = 0]): RingPoint => [x, y])),
)

test('a ring that does not cross itself does not afterwards, and has few points', () => {
  fc.assert(
    fc.property(outlines, fc.integer({ min: 3, max: 60 }), (rings, maximum) => {
      for (const ring of rings) {
        const simple = simplifyRing(ring, maximum)
        expect(simple.length).toBeLessThanOrEqual(maximum)
        expect(crossings(ring)).toBe(0)
        expect(crossings(simple)).toBe(0)
      }
    }),
    { numRuns: 60 },
  )
})

test('points on a straight side say nothing', () => {
  const square: RingPoint[] = [0, 1, 2, 3].flatMap((side) =>
    Array.from({ length: 10 }, (_, i): RingPoint => {
      const at = [i, 10, 10 - i, 0]
      return [at[side] ?? 0, at[(side + 3) % 4] ?? 0]
    }),
  )

  expect(simplifyRing(square, 100)).toHaveLength(4)
})

test('the point that says least stays where the ring would cross itself without it', () => {
  const ring: RingPoint[] = [
    [10, 7],
    [7, 12],
    [2, 8],
    [8, 8],
    [2, 4],
    [9, 1],
  ]

  // Without the first point the side from the last one to the second would cut off the tip of the inlet, 8 8.
  expect(crossings([...ring.slice(1, 2), ...ring.slice(3)])).toBe(1)
  expect(crossings(simplifyRing(ring, 4))).toBe(0)
})
