const CONST_BITS = 13

/**
 * The accurate integer inverse DCT of libjpeg (jidctint.c, after Loeffler, Ligtenberg and Moschytz), in place, with
 * level shift and clamping: bit for bit what libjpeg, and so dcmtk and GDCM, make of the same coefficients.
 */
export function inverseDct(block: Int32Array, precision: number): void {
  const pass1Bits = precision === 8 ? 2 : 1
  for (let i = 0; i < 8; i++) transform(block, i, 8, CONST_BITS - pass1Bits)
  for (let i = 0; i < 64; i += 8) transform(block, i, 1, CONST_BITS + pass1Bits + 3)
  const center = 1 << (precision - 1)
  const top = (1 << precision) - 1
  for (let i = 0; i < 64; i++) {
    const value = (block[i] as number) + center
    block[i] = value < 0 ? 0 : value > top ? top : value
  }
}

function transform(b: Int32Array, at: number, step: number, shift: number): void {
  const i1 = at + step
  const i2 = i1 + step
  const i3 = i2 + step
  const i4 = i3 + step
  const i5 = i4 + step
  const i6 = i5 + step
  const i7 = i6 + step
  const [b0, b1, b2, b3] = [b[at] as number, b[i1] as number, b[i2] as number, b[i3] as number]
  const [b4, b5, b6, b7] = [b[i4] as number, b[i5] as number, b[i6] as number, b[i7] as number]
  const even = (b2 + b6) * 4433
  const t2 = even - b6 * 15_137
  const t3 = even + b2 * 6270
  const t0 = (b0 + b4) * 8192
  const t1 = (b0 - b4) * 8192
  const half = 1 << (shift - 1)
  const e0 = t0 + t3 + half
  const e3 = t0 - t3 + half
  const e1 = t1 + t2 + half
  const e2 = t1 - t2 + half
  const z5 = (b7 + b3 + b5 + b1) * 9633
  const z1 = (b7 + b1) * -7373
  const z2 = (b5 + b3) * -20_995
  const z3 = (b7 + b3) * -16_069 + z5
  const z4 = (b5 + b1) * -3196 + z5
  const o0 = b7 * 2446 + z1 + z3
  const o1 = b5 * 16_819 + z2 + z4
  const o2 = b3 * 25_172 + z2 + z3
  const o3 = b1 * 12_299 + z1 + z4
  b[at] = (e0 + o3) >> shift
  b[i7] = (e0 - o3) >> shift
  b[i1] = (e1 + o2) >> shift
  b[i6] = (e1 - o2) >> shift
  b[i2] = (e2 + o1) >> shift
  b[i5] = (e2 - o1) >> shift
  b[i3] = (e3 + o0) >> shift
  b[i4] = (e3 - o0) >> shift
}
