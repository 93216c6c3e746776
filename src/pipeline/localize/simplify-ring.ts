export type RingPoint = readonly [x: number, y: number]

/** Triangles of less area (in squared units of the ring) say nothing. */
const NEGLIGIBLE_AREA = 0.05

/** Of a point that may not go while the others are as they are. */
const STAYS = Infinity

/**
 * Takes away the points that change the shape least (Visvalingam and Whyatt) until at most `maximum` (3 or more) are
 * left and each one that stays matters. A ring that does not cross itself does not afterwards: a point goes only while
 * no other lies in the triangle that it makes with its neighbours. A simple ring always has such a point (the two ears
 * theorem); of a ring that crosses itself from the start the least point goes.
 */
export function simplifyRing(ring: readonly RingPoint[], maximum: number): readonly RingPoint[] {
  const points = [...ring]
  let areas = points.map((_, i) => triangle(points, i))
  let removed = 0
  while (points.length > 3) {
    const least = indexOfLeast(areas)
    const area = areas[least] as number
    if (points.length <= maximum && area > NEGLIGIBLE_AREA) break
    const stuck = area === STAYS
    if (stuck && removed > 0) {
      // What kept a point may be gone by now.
      areas = points.map((_, i) => triangle(points, i))
      removed = 0
    } else if (stuck || isFree(points, least)) {
      points.splice(least, 1)
      areas.splice(least, 1)
      for (const i of [least - 1 + points.length, least].map((near) => near % points.length)) {
        areas[i] = triangle(points, i)
      }
      removed++
    } else {
      areas[least] = STAYS
    }
  }
  return points
}

function indexOfLeast(areas: readonly number[]): number {
  let least = 0
  for (let i = 1; i < areas.length; i++) if ((areas[i] as number) < (areas[least] as number)) least = i
  return least
}

function neighbours(points: readonly RingPoint[], i: number): readonly [RingPoint, RingPoint, RingPoint] {
  const { length } = points
  return [points[(i - 1 + length) % length], points[i], points[(i + 1) % length]] as [RingPoint, RingPoint, RingPoint]
}

function triangle(points: readonly RingPoint[], i: number): number {
  const [a, b, c] = neighbours(points, i)
  return Math.abs(turn(a, b, c)) / 2
}

/** Whether the side that would take the place of the point's two sides runs clear of all others. */
function isFree(points: readonly RingPoint[], i: number): boolean {
  const [a, b, c] = neighbours(points, i)
  const orientation = Math.sign(turn(a, b, c))
  if (orientation === 0) return true
  return points.every((point) => {
    if (point === a || point === b || point === c) return true
    return (
      turn(a, b, point) * orientation < 0 || turn(b, c, point) * orientation < 0 || turn(c, a, point) * orientation < 0
    )
  })
}

/** Twice the signed area of the triangle. */
function turn([ax, ay]: RingPoint, [bx, by]: RingPoint, [cx, cy]: RingPoint): number {
  return (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
}
