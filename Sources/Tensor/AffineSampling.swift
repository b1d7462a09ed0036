import Kernels

/// Bilinear sampling of images through affine maps, as PyTorch's `affine_grid` and `grid_sample`
/// with `align_corners = true` and zeros outside: −1 and 1 are the centres of the border pixels.
public enum AffineSampling {
  /// The images x [n, h, w, c] seen through `matrices` [n, 2, 3], which map places of the output
  /// (x, y, 1) to places of the input.
  public static func forward(_ x: Tensor, matrices: Tensor, on workers: Workers) -> Tensor {
    let (images, height, width, channels) = x.imageExtents
    check(matrices, images)
    var output = Tensor(uninitialised: x.shape, on: workers)
    let out = output.mutableElements()
    workers.split(images * height) { range, _ in
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: height)
        let plane = image * height * width * channels
        if let move = PixelMove(matrices, image, height, width) {
          kernels_copy_runs(
            x.elements + plane + move.source(ofRow: row) * channels, move.columnStep * channels,
            out + line * width * channels, channels, channels, width)
          continue
        }
        for column in 0..<width {
          let (offsets, weights) = corners(
            matrices, image, row, column, height, width, channels)
          withUnsafePointer(to: offsets) { offsets in
            withUnsafePointer(to: weights) { weights in
              kernels_blend(
                x.elements + plane, UnsafeRawPointer(offsets).assumingMemoryBound(to: Int.self),
                UnsafeRawPointer(weights).assumingMemoryBound(to: Float.self),
                out + (line * width + column) * channels, channels)
            }
          }
        }
      }
    }
    return output
  }

  /// The gradient with respect to the input.
  public static func inputGradient(
    _ outputGradient: Tensor, matrices: Tensor, inputShape: [Int], on workers: Workers
  ) -> Tensor {
    let (images, height, width, channels) = outputGradient.imageExtents
    precondition(inputShape == outputGradient.shape, "\(outputGradient.shape) for \(inputShape)")
    check(matrices, images)
    var result = Tensor(uninitialised: inputShape, on: workers)
    let target = result.mutableElements()
    workers.split(images * height) { range, _ in
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: height)
        guard let move = PixelMove(matrices, image, height, width) else { continue }
        kernels_copy_runs(
          outputGradient.elements + line * width * channels, channels,
          target + (image * height * width + move.source(ofRow: row)) * channels,
          move.columnStep * channels, channels, width)
      }
    }
    // Pixels scatter to unforeseen places of their own image, so an image is one worker's.
    workers.split(images) { range, _ in
      for image in range {
        let plane = image * height * width * channels
        if PixelMove(matrices, image, height, width) != nil { continue }
        (target + plane).update(repeating: 0, count: height * width * channels)
        for row in 0..<height {
          for column in 0..<width {
            let (offsets, weights) = corners(
              matrices, image, row, column, height, width, channels)
            withUnsafePointer(to: offsets) { offsets in
              withUnsafePointer(to: weights) { weights in
                kernels_blend_gradient(
                  outputGradient.elements + plane + (row * width + column) * channels,
                  UnsafeRawPointer(offsets).assumingMemoryBound(to: Int.self),
                  UnsafeRawPointer(weights).assumingMemoryBound(to: Float.self),
                  target + plane, channels)
              }
            }
          }
        }
      }
    }
    return result
  }

  /// A map that only flips or turns the grid of pixels: each row of the output is a row or column
  /// of the input, so that pixels are copied rather than blended.
  private struct PixelMove {
    private let first: Int
    private let rowStep: Int
    /// Pixels between the sources of neighbouring columns.
    let columnStep: Int

    /// Nil if an image's map is another, or turns an image that is not square.
    init?(_ matrices: Tensor, _ image: Int, _ height: Int, _ width: Int) {
      let m = matrices.elements + image * 6
      guard m[2] == 0, m[5] == 0 else { return nil }
      let turns = m[0] == 0 && m[4] == 0 && height == width
      let (x, y) = turns ? (m[3], m[1]) : (m[0], m[4])
      guard abs(x) == 1, abs(y) == 1, turns || (m[1] == 0 && m[3] == 0) else { return nil }
      columnStep = Int(x) * (turns ? width : 1)
      rowStep = Int(y) * (turns ? 1 : width)
      first = (x < 0 ? (width - 1) * -columnStep : 0) + (y < 0 ? (height - 1) * -rowStep : 0)
    }

    /// The pixel of the input that the first of an output's row shows.
    func source(ofRow row: Int) -> Int { first + row * rowStep }
  }

  private static func check(_ matrices: Tensor, _ images: Int) {
    precondition(matrices.shape == [images, 2, 3], "matrices \(matrices.shape), \(images) images")
  }

  /// Offsets of the four pixels around a place (−1 outside the image) and their weights.
  @inline(__always)
  private static func corners(
    _ matrices: Tensor, _ image: Int, _ row: Int, _ column: Int, _ height: Int, _ width: Int,
    _ channels: Int
  ) -> ((Int, Int, Int, Int), (Float, Float, Float, Float)) {
    let m = matrices.elements + image * 6
    let x = width > 1 ? 2 * Float(column) / Float(width - 1) - 1 : 0
    let y = height > 1 ? 2 * Float(row) / Float(height - 1) - 1 : 0
    let sourceX = (m[0] * x + m[1] * y + m[2] + 1) * 0.5 * Float(width - 1)
    let sourceY = (m[3] * x + m[4] * y + m[5] + 1) * 0.5 * Float(height - 1)
    guard
      sourceX > -1, sourceX < Float(width), sourceY > -1, sourceY < Float(height)
    else { return ((-1, -1, -1, -1), (0, 0, 0, 0)) }
    let (left, top) = (sourceX.rounded(.down), sourceY.rounded(.down))
    let (right, bottom) = (sourceX - left, sourceY - top)
    func offset(_ row: Int, _ column: Int) -> Int {
      row >= 0 && row < height && column >= 0 && column < width
        ? (row * width + column) * channels : -1
    }
    let (r, c) = (Int(top), Int(left))
    return (
      (offset(r, c), offset(r, c + 1), offset(r + 1, c), offset(r + 1, c + 1)),
      (
        (1 - bottom) * (1 - right), (1 - bottom) * right, bottom * (1 - right), bottom * right
      )
    )
  }
}
