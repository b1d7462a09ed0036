internal import Tensor

/// What a network trained on gradients reads: grey's two Sobel gradients in place of the visible
/// bands, or after them, and infra-red last.
struct SobelInput: Sendable {
  /// Whether red, green and blue are kept, before the gradients.
  let includeRGB: Bool

  /// PIL's weights of red, green and blue in grey.
  private static let greyWeights: [Float] = [0.299, 0.587, 0.114]

  /// Channels [n, h, w, c] from bands [n, h, w, b]: grey alone (b = 1), or red, green and blue
  /// (3), or those and further bands, which are passed on as they are.
  ///
  /// Traps when there are two bands, or one where the colours should be kept.
  ///
  /// - Parameter shown: what is kept in place of red, green and blue [n, h, w, 3]; the gradients are
  ///   those of the bands.
  func channels(of bands: Tensor, showing shown: Tensor? = nil, on workers: Workers) -> Tensor {
    let shape = bands.shape
    precondition(
      shape.count == 4 && (shape[3] >= 3 || shape[3] == 1 && !includeRGB),
      "gradients\(includeRGB ? " and colours" : "") of bands \(shape)")
    let pixels = shape[0] * shape[1] * shape[2]
    let bandCount = shape[3]
    guard bandCount > 1 else { return Sobel.forward(bands, on: workers) }
    let weights = Self.greyWeights + Array(repeating: 0, count: bandCount - 3)
    let grey = Tensor.product(
      bands.reshaped(to: [pixels, bandCount]), Tensor(shape: [bandCount, 1], values: weights),
      on: workers)
    let gradients = Sobel.forward(
      grey.reshaped(to: [shape[0], shape[1], shape[2], 1]), on: workers)
    // Where each channel comes from: columns of the bands, then of the gradients.
    let colours = includeRGB ? 3 : 0
    let further = bandCount - 3
    if colours + further == 0 { return gradients }
    let (kept, keptCount) = shown.map { ($0, 3) } ?? (bands, bandCount)
    let channelCount = colours + 2 + further
    var channels = Tensor(shape: [shape[0], shape[1], shape[2], channelCount])
    channels.withMutableSpan { target in
      kept.withSpan { colour in
        bands.withSpan { band in
          gradients.withSpan { gradient in
            for pixel in 0..<pixels {
              let to = pixel * channelCount
              for c in 0..<colours { target[to + c] = colour[pixel * keptCount + c] }
              for c in 0..<2 { target[to + colours + c] = gradient[pixel * 2 + c] }
              for c in 0..<further {
                target[to + colours + 2 + c] = band[pixel * bandCount + 3 + c]
              }
            }
          }
        }
      }
    }
    return channels
  }

  /// The same as one convolution's weights [3, 3, b, c], which zeros outside are padded for.
  func weight(bands: Int) -> Tensor {
    let colours = includeRGB ? 3 : 0
    let further = max(0, bands - 3)
    let channels = colours + 2 + further
    let kernels = Sobel.kernels.values
    let grey = bands == 1 ? [1] : Self.greyWeights
    var values = [Float](repeating: 0, count: 3 * 3 * bands * channels)
    for tap in 0..<9 {
      for (band, share) in grey.enumerated() {
        for gradient in 0..<2 {
          values[(tap * bands + band) * channels + colours + gradient] =
            share * kernels[tap * 2 + gradient]
        }
      }
    }
    let centre = 4
    for band in 0..<colours { values[(centre * bands + band) * channels + band] = 1 }
    for band in 0..<further {
      values[(centre * bands + 3 + band) * channels + colours + 2 + band] = 1
    }
    return Tensor(shape: [3, 3, bands, channels], values: values)
  }
}
