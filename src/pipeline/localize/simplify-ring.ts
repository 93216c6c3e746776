export type RingPoint = readonly [x: number, y: number]

/** Triangles of less area (in squared units of the ring) say nothing. */
const NEGLIGIBLE_AREA = 0.05

/**
 * Takes away the points that change the shape least (Visvalingam and Whyatt) until at most `maximum` are left and
 * each one that stays matters.
 */
export function simplifyRing(ring: readonly RingPoint[], maximum: number): readonly RingPoint[] {
  const points = [...ring]
  const areas = points.map((_, i) => triangle(points, i))
  while (points.length > 3) {
    let least = 0
    for (let i = 1; i < areas.length; i++) if ((areas[i] as number) < (areas[least] as number)) least = i
    if (points.length <= maximum && (areas[least] as number) > NEGLIGIBLE_AREA) break
    points.splice(least, 1)
    areas.splice(least, 1)
    const before = (least - 1 + points.length) % points.length
    areas[before] = triangle(points, before)
    areas[least % points.length] = triangle(points, least % points.length)
  }
  return points
}

function triangle(points: readonly RingPoint[], i: number): number {
  const [ax, ay] = points[(i - 1 + points.length) % points.length] as RingPoint
  const [bx, by] = points[i] as RingPoint
  const [cx, cy] = points[(i + 1) % points.length] as RingPoint
  return Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
}
