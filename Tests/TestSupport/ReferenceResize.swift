/// Bilinear resize of NHWC images, `align_corners` false: pixels are areas, and the corners of the
/// two images' outer pixels coincide.
public enum ReferenceResize {
  /// The images resized to height × width.
  public static func forward(_ input: ReferenceTensor, height: Int, width: Int) -> ReferenceTensor {
    let (inputHeight, inputWidth) = (input.shape[1], input.shape[2])
    var output = ReferenceTensor(shape: [input.shape[0], height, width, input.shape[3]])
    for y in 0..<height {
      let (top, bottom, fromTop) = neighbours(y, size: height, inputSize: inputHeight)
      for x in 0..<width {
        let (left, right, fromLeft) = neighbours(x, size: width, inputSize: inputWidth)
        for image in 0..<input.shape[0] {
          for channel in 0..<input.shape[3] {
            let above =
              (1 - fromLeft) * input[image, top, left, channel]
              + fromLeft * input[image, top, right, channel]
            let below =
              (1 - fromLeft) * input[image, bottom, left, channel]
              + fromLeft * input[image, bottom, right, channel]
            output[image, y, x, channel] = (1 - fromTop) * above + fromTop * below
          }
        }
      }
    }
    return output
  }

  /// The two input positions an output position lies between, and its distance from the first:
  /// the centre (i + ½) · inputSize / size − ½, held at the input's first and last pixel.
  private static func neighbours(
    _ index: Int, size: Int, inputSize: Int
  ) -> (first: Int, second: Int, distance: Double) {
    let centre = (Double(index) + 0.5) * Double(inputSize) / Double(size) - 0.5
    let position = min(max(centre, 0), Double(inputSize - 1))
    let first = Int(position)
    return (first, min(first + 1, inputSize - 1), position - Double(first))
  }
}
