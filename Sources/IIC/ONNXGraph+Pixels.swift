internal import Tensor

// n images, b bands, c channels, h rows, w columns (NCHW).

extension ONNXGraph {
  /// The network's input of pixel values [n, b, h, w]: (pixel − offset) / scale, cut to where inputs
  /// end.
  mutating func scaled(_ pixels: Value, _ bands: [BandScaling]) -> Value {
    var result = pixels
    func apply(
      _ operation: String, _ name: String, neutral: Float?, _ number: (BandScaling) -> Float
    ) {
      let numbers = bands.map(number)
      if let neutral, numbers.allSatisfy({ $0 == neutral }) { return }
      let constant = constant("bands.\(name)", shape: [1, bands.count, 1, 1], numbers)
      result = add(operation, [result, constant], name: "bands.\(operation.lowercased())")
    }
    let limits = bands.map { BandScaling.limits(offset: $0.offset, scale: $0.scale) }
    apply("Sub", "offset", neutral: 0) { $0.offset }
    apply("Div", "scale", neutral: 1) { $0.scale }
    guard limits.contains(where: { $0.upperBound < .greatestFiniteMagnitude }) else {
      return result
    }
    apply("Max", "lowest", neutral: nil) {
      BandScaling.limits(offset: $0.offset, scale: $0.scale).lowerBound
    }
    apply("Min", "highest", neutral: nil) {
      BandScaling.limits(offset: $0.offset, scale: $0.scale).upperBound
    }
    return result
  }

  /// What the first convolution reads, of bands [n, b, h, w]: these, or grey's gradients with what
  /// is kept beside them, which is one convolution.
  mutating func channels(of bands: Value, count: Int, _ configuration: ModelConfiguration) -> Value
  {
    guard configuration.sobel else { return bands }
    let weight = SobelInput(includeRGB: configuration.includeRGB).weight(bands: count)
    let convolution = Convolution(
      inputChannels: weight.shape[2], outputChannels: weight.shape[3], kernelSize: 3, padding: 1)
    return self.convolution(bands, convolution, weight, named: "sobel.weight")
  }

  /// x [n, c, h, w] with `margin` pixels more on each side, and one more below or on the right where
  /// that side would be odd: the image itself reflected, its edge not repeated. The image must have
  /// more than `margin` pixels a side, one more where that is odd.
  mutating func reflected(_ x: Value, margin: Int) -> Value {
    let size = add("Shape", [x], name: "reflected.size", ["start": .integer(2)])
    let odd = add("Mod", [size, constant("reflected.two", [2])], name: "reflected.odd")
    let after = add("Add", [odd, constant("reflected.margin", [margin])], name: "reflected.after")
    let before = constant("reflected.before", [0, 0, margin, margin, 0, 0])
    let pads = add("Concat", [before, after], name: "reflected.pads", ["axis": .integer(0)])
    return add("Pad", [x, pads], name: "reflected", ["mode": .text("reflect")])
  }

  /// Values at the pixels of `image` [n, c, h, w], bilinear between the trunk's cells; these are of
  /// the image with `margin` pixels more on each side.
  mutating func interpolated(_ cells: Value, toPixelsOf image: Value, margin: Int, name: String)
    -> Value
  {
    // Twice as many values as cells, each pixel a quarter of the spacing from the nearer cell: the
    // first lies half a pixel before the first cell.
    let scales = constant("\(name).spacing", shape: [4], [1, 1, 2, 2])
    precondition(TrunkGeometry.cellSpacing == 2)
    let firstPixel = Int(TrunkGeometry.firstCell - 0.5)
    let stretched = add(
      "Resize", [cells, Value(name: ""), scales], name: "\(name).stretched",
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("half_pixel")])
    let first = constant("\(name).first", [margin - firstPixel, margin - firstPixel])
    let size = add("Shape", [image], name: "\(name).size", ["start": .integer(2)])
    let last = add("Add", [size, first], name: "\(name).end")
    let axes = constant("\(name).axes", [2, 3])
    return add("Slice", [stretched, first, last, axes], name: name)
  }
}
