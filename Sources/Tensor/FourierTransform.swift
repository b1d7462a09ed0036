import Foundation
import Kernels

/// The discrete Fourier transform of sixteen sequences of complex numbers at once, side by side.
///
/// X[f] = Σ x[n] · e^(−2πi·f·n / length). The length has no prime factor above 5.
struct FourierTransform: Sendable {
  /// Sequences transformed at once.
  static let lanes = 16

  /// How many numbers a sequence has.
  let length: Int
  private let radices: [Int]
  private let twiddles: [Float]

  /// Traps if the length has a prime factor above 5.
  init(length: Int) {
    guard let radices = Self.radices(of: length) else {
      preconditionFailure("a transform of \(length) numbers")
    }
    self.length = length
    self.radices = radices
    var twiddles: [Float] = []
    var rest = length
    for radix in radices {
      let part = rest / radix
      for p in 0..<part {
        for k in 1..<radix {
          let angle = -2 * Double.pi * Double(p * k) / Double(rest)
          twiddles += [Float(cos(angle)), Float(sin(angle))]
        }
      }
      rest = part
    }
    self.twiddles = twiddles
  }

  /// The shortest length of at least `count` numbers that can be transformed.
  static func length(atLeast count: Int) -> Int {
    var length = max(1, count)
    while radices(of: length) == nil { length += 1 }
    return length
  }

  /// Passes over the data: the transform's time goes with length · passes.
  var passes: Int { radices.count }

  /// Floats of scratch memory that a call needs.
  var scratchCount: Int { 4 * Self.lanes * length }

  /// Transforms numbers `stride` floats apart; input and output may be the same.
  func forward(
    _ real: UnsafePointer<Float>, _ imaginary: UnsafePointer<Float>, stride: Int,
    into outputReal: UnsafeMutablePointer<Float>, _ outputImaginary: UnsafeMutablePointer<Float>,
    stride outputStride: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    kernels_fourier(
      radices, radices.count, twiddles, length, real, imaginary, stride, outputReal,
      outputImaginary, outputStride, scratch)
  }

  /// The inverse but for the division by the length: the transform with the parts exchanged.
  func inverse(
    _ real: UnsafePointer<Float>, _ imaginary: UnsafePointer<Float>, stride: Int,
    into outputReal: UnsafeMutablePointer<Float>, _ outputImaginary: UnsafeMutablePointer<Float>,
    stride outputStride: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    forward(
      imaginary, real, stride: stride, into: outputImaginary, outputReal, stride: outputStride,
      scratch: scratch)
  }

  /// Fours first, since they take the fewest operations a number.
  private static func radices(of length: Int) -> [Int]? {
    var (rest, radices) = (length, [Int]())
    for radix in [4, 5, 3, 2] {
      while rest % radix == 0 {
        radices.append(radix)
        rest /= radix
      }
    }
    return rest == 1 ? radices : nil
  }
}
