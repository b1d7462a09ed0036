import Foundation
import TestSupport

/// Computes what a graph in ONNX's format says, by the definitions of its operators (version 17),
/// in Double and without haste. Traps on an operator, a setting or a shape that it does not know.
struct ONNXInterpreter {
  let model: WireMessage
  private var values: [String: ReferenceTensor] = [:]

  init(bytes: [UInt8]) { model = WireMessage(bytes) }

  // Fields' numbers are those of onnx.proto.
  private var graph: WireMessage { model.message(7) }

  /// The only output for the only input; whole numbers are held as Double.
  mutating func run(_ input: ReferenceTensor) -> ReferenceTensor {
    values = [graph.message(11).text(1): input]
    for constant in graph.messages(5) { values[constant.text(8)] = Self.tensor(constant) }
    for node in graph.messages(1) {
      let inputs = node.texts(1).map { $0.isEmpty ? nil : values[$0]! }
      values[node.text(2)] = Self.compute(node, inputs)
    }
    return values[graph.message(12).text(1)]!
  }

  private static func tensor(_ constant: WireMessage) -> ReferenceTensor {
    let bytes = constant.bytes(9)
    let isFloat = constant.integer(2) == 1
    precondition(isFloat || constant.integer(2) == 7)
    let size = isFloat ? 4 : 8
    let numbers = stride(from: 0, to: bytes.count, by: size).map { start in
      let bits = (0..<size).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * $1) }
      return isFloat
        ? Double(Float(bitPattern: UInt32(bits))) : Double(Int64(bitPattern: bits))
    }
    return ReferenceTensor(shape: constant.integers(1), values: numbers)
  }

  private static func compute(
    _ node: WireMessage, _ inputs: [ReferenceTensor?]
  ) -> ReferenceTensor {
    let x = inputs[0]!
    let settings = Settings(node)
    switch node.text(4) {
    case "Sub": return combined(x, inputs[1]!, -)
    case "Add": return combined(x, inputs[1]!, +)
    case "Mul": return combined(x, inputs[1]!, *)
    case "Div": return combined(x, inputs[1]!, /)
    case "Max": return combined(x, inputs[1]!, max)
    case "Min": return combined(x, inputs[1]!, min)
    case "Relu": return x.map { max($0, 0) }
    case "Mod": return combined(x, inputs[1]!) { $0.truncatingRemainder(dividingBy: $1) }
    case "Concat":
      precondition(settings.integer("axis") == 0)
      let joined = inputs.flatMap { $0!.values }
      return ReferenceTensor(shape: [joined.count], values: joined)
    case "Sqrt": return x.map { $0.squareRoot() }
    case "Conv": return convolution(x, inputs[1]!, settings)
    case "BatchNormalization":
      let epsilon = Double(settings.number("epsilon"))
      let shape = [1, x.shape[1]] + Array(repeating: 1, count: x.shape.count - 2)
      let parameters = inputs[1...].map { $0!.reshaped(to: shape) }
      let deviation = parameters[3].map { ($0 + epsilon).squareRoot() }
      let normal = combined(combined(x, parameters[2], -), deviation, /)
      return combined(combined(normal, parameters[0], *), parameters[1], +)
    case "MaxPool":
      return windows(x, settings) { $0.max()! }
    case "GlobalAveragePool": return mean(x, axes: [2, 3])
    case "ReduceMean": return mean(x, axes: settings.integers("axes"))
    case "Flatten":
      return x.reshaped(to: [x.shape[0], x.count / x.shape[0]])
    case "Gemm":
      precondition(settings.integer("transB") == 1)
      let (weight, bias) = (inputs[1]!, inputs[2]!)
      return generated([x.shape[0], weight.shape[0]]) { place in
        (0..<x.shape[1]).reduce(bias.values[place[1]]) {
          $0 + x[place[0], $1] * weight[place[1], $1]
        }
      }
    case "Softmax":
      precondition(settings.integer("axis") == 1)
      let largest = x.values.max()!
      let powers = x.map { exp($0 - largest) }
      return combined(powers, mean(powers, axes: [1]).map { $0 * Double(x.shape[1]) }, /)
    case "Pad":
      precondition(settings.text("mode") == "reflect")
      let pads = inputs[1]!.values.map { Int($0) }
      let shape = x.shape.indices.map { x.shape[$0] + pads[$0] + pads[$0 + x.shape.count] }
      return generated(shape) { place in
        value(
          x,
          place.indices.map { axis in
            let index = abs(place[axis] - pads[axis])
            let last = x.shape[axis] - 1
            return index > last ? 2 * last - index : index
          })
      }
    case "Resize":
      precondition(
        settings.text("mode") == "linear"
          && settings.text("coordinate_transformation_mode") == "half_pixel" && inputs[1] == nil)
      return resized(x, scales: inputs[2]!.values)
    case "Shape":
      return ReferenceTensor(
        shape: [x.shape.count - settings.integer("start")],
        values: x.shape[settings.integer("start")...].map { Double($0) })
    case "Slice":
      let axes = inputs[3]!.values.map { Int($0) }
      var (shape, first) = (x.shape, [Int](repeating: 0, count: x.shape.count))
      for (index, axis) in axes.enumerated() {
        first[axis] = Int(inputs[1]!.values[index])
        let end = Int(inputs[2]!.values[index])
        precondition(end <= x.shape[axis], "a slice up to \(end) of \(x.shape)")
        shape[axis] = end - first[axis]
      }
      return generated(shape) { place in value(x, zip(place, first).map(+)) }
    default: preconditionFailure("operator \(node.text(4))")
    }
  }

  // [n, in, h, w] by [out, in, k, k]; zeros outside.
  private static func convolution(
    _ x: ReferenceTensor, _ weight: ReferenceTensor, _ settings: Settings
  ) -> ReferenceTensor {
    let side = weight.shape[2]
    precondition(settings.integers("kernel_shape") == [side, side])
    let (pad, step) = (settings.integers("pads")[0], settings.integers("strides")[0])
    let dilation = settings.integers("dilations")[0]
    let extents = [2, 3].map { (x.shape[$0] + 2 * pad - dilation * (side - 1) - 1) / step + 1 }
    return generated([x.shape[0], weight.shape[0]] + extents) { place in
      var sum = 0.0
      for channel in 0..<x.shape[1] {
        for i in 0..<side {
          let row = place[2] * step + i * dilation - pad
          guard row >= 0, row < x.shape[2] else { continue }
          for j in 0..<side {
            let column = place[3] * step + j * dilation - pad
            guard column >= 0, column < x.shape[3] else { continue }
            sum += x[place[0], channel, row, column] * weight[place[1], channel, i, j]
          }
        }
      }
      return sum
    }
  }

  private static func windows(
    _ x: ReferenceTensor, _ settings: Settings, _ body: ([Double]) -> Double
  ) -> ReferenceTensor {
    let (side, step) = (settings.integers("kernel_shape")[0], settings.integers("strides")[0])
    let pad = settings.integers("pads")[0]
    let extents = [2, 3].map { (x.shape[$0] + 2 * pad - side) / step + 1 }
    return generated(Array(x.shape[..<2]) + extents) { place in
      var inside: [Double] = []
      for row in place[2] * step - pad..<place[2] * step - pad + side {
        for column in place[3] * step - pad..<place[3] * step - pad + side
        where row >= 0 && row < x.shape[2] && column >= 0 && column < x.shape[3] {
          inside.append(x[place[0], place[1], row, column])
        }
      }
      return body(inside)
    }
  }

  // Position (i + ½) / scale − ½ of the input, cut to it.
  private static func resized(_ x: ReferenceTensor, scales: [Double]) -> ReferenceTensor {
    precondition(scales[0] == 1 && scales[1] == 1)
    func neighbours(_ index: Int, _ axis: Int) -> (first: Int, second: Int, fraction: Double) {
      let last = Double(x.shape[axis] - 1)
      let position = min(max((Double(index) + 0.5) / scales[axis] - 0.5, 0), last)
      let first = Int(position)
      return (first, min(first + 1, Int(last)), position - Double(first))
    }
    let shape = x.shape.indices.map { Int(Double(x.shape[$0]) * scales[$0]) }
    return generated(shape) { place in
      let (row, column) = (neighbours(place[2], 2), neighbours(place[3], 3))
      func along(_ line: Int) -> Double {
        x[place[0], place[1], line, column.first] * (1 - column.fraction)
          + x[place[0], place[1], line, column.second] * column.fraction
      }
      return along(row.first) * (1 - row.fraction) + along(row.second) * row.fraction
    }
  }

  /// The mean over axes, which stay with an extent of one.
  private static func mean(_ x: ReferenceTensor, axes: [Int]) -> ReferenceTensor {
    let shape = x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] }
    var sums = ReferenceTensor(shape: shape)
    for index in 0..<x.count {
      let place = coordinates(index, x.shape)
      sums.values[offset(place.indices.map { axes.contains($0) ? 0 : place[$0] }, shape)] +=
        x.values[index]
    }
    return sums.map { $0 / Double(x.count / sums.count) }
  }

  /// Number by number; axes of one number are repeated, and missing ones come first.
  private static func combined(
    _ a: ReferenceTensor, _ b: ReferenceTensor, _ body: (Double, Double) -> Double
  ) -> ReferenceTensor {
    let rank = max(a.shape.count, b.shape.count)
    func filled(_ shape: [Int]) -> [Int] { Array(repeating: 1, count: rank - shape.count) + shape }
    let (left, right) = (filled(a.shape), filled(b.shape))
    let shape = zip(left, right).map { pair in
      precondition(pair.0 == pair.1 || pair.0 == 1 || pair.1 == 1, "\(a.shape) and \(b.shape)")
      return max(pair.0, pair.1)
    }
    return generated(shape) { place in
      func value(_ x: ReferenceTensor, _ extents: [Int]) -> Double {
        x.values[offset(place.indices.map { extents[$0] == 1 ? 0 : place[$0] }, extents)]
      }
      return body(value(a, left), value(b, right))
    }
  }

  private static func value(_ x: ReferenceTensor, _ place: [Int]) -> Double {
    x.values[offset(place, x.shape)]
  }

  private static func generated(_ shape: [Int], _ body: ([Int]) -> Double) -> ReferenceTensor {
    let count = shape.reduce(1, *)
    return ReferenceTensor(
      shape: shape, values: (0..<count).map { body(coordinates($0, shape)) })
  }

  private static func offset(_ place: [Int], _ shape: [Int]) -> Int {
    zip(place, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  private static func coordinates(_ index: Int, _ shape: [Int]) -> [Int] {
    var (rest, place) = (index, shape)
    for axis in shape.indices.reversed() {
      place[axis] = rest % shape[axis]
      rest /= shape[axis]
    }
    return place
  }
}

/// A node's settings.
private struct Settings {
  private let attributes: [String: WireMessage]

  init(_ node: WireMessage) {
    attributes = Dictionary(uniqueKeysWithValues: node.messages(5).map { ($0.text(1), $0) })
  }

  // Types of attributes: 1 a number, 2 an integer, 3 a text, 7 integers.
  func integer(_ name: String) -> Int { attribute(name, 2).integer(3) }
  func integers(_ name: String) -> [Int] { attribute(name, 7).integers(8) }
  func number(_ name: String) -> Float { attribute(name, 1).number(2) }
  func text(_ name: String) -> String { attribute(name, 3).text(4) }

  private func attribute(_ name: String, _ type: Int) -> WireMessage {
    let attribute = attributes[name]!
    precondition(attribute.integer(20) == type, "\(name) is of type \(attribute.integer(20))")
    return attribute
  }
}
