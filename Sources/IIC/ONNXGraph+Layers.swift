internal import Tensor

// n images, c channels, h rows, w columns (NCHW); k outputs.

extension ONNXGraph {
  /// A convolution without bias of x [n, in, h, w] by weights as held in memory, HWIO.
  mutating func convolution(_ x: Value, _ convolution: Convolution, _ weight: Parameter) -> Value {
    self.convolution(x, convolution, weight.value, named: weight.name)
  }

  /// The same, by weights that are no parameter of the network.
  mutating func convolution(
    _ x: Value, _ convolution: Convolution, _ weight: Tensor, named weightName: String
  ) -> Value {
    let stored = weight.convolutionWeightForFile()
    return add(
      "Conv", [x, constant(weightName, shape: stored.shape, stored.values)],
      name: Self.module(weightName),
      [
        "kernel_shape": .integers(square(convolution.kernelSize)),
        "pads": .integers(square(convolution.padding) + square(convolution.padding)),
        "dilations": .integers(square(convolution.dilation)),
        "strides": .integers(square(convolution.stride)),
      ])
  }

  /// x [n, c, …] normalised a channel: by running statistics or, where there are none, by those of
  /// the batch itself, which must be [n, c, h, w] then.
  mutating func normalisation(
    _ x: Value, scale: Parameter, shift: Parameter, running: RunningStatistics?
  ) -> Value {
    let name = Self.module(scale.name)
    guard let running else { return batchNormalisation(x, scale: scale, shift: shift, name: name) }
    let parameters = [
      (scale.name, scale.value), (shift.name, shift.value),
      (running.mean.name, running.mean.value), (running.variance.name, running.variance.value),
    ].map { constant($0, shape: $1.shape, $1.values) }
    return add(
      "BatchNormalization", [x] + parameters, name: name,
      ["epsilon": .number(BatchNormalisation.epsilon)])
  }

  /// By the batch's own statistics: ONNX's operator does so in training alone.
  private mutating func batchNormalisation(
    _ x: Value, scale: Parameter, shift: Parameter, name: String
  ) -> Value {
    func average(_ value: Value, _ part: String) -> Value {
      add("ReduceMean", [value], name: "\(name).\(part)", ["axes": .integers([0, 2, 3])])
    }
    let channels = [scale.value.count, 1, 1]
    let centred = add("Sub", [x, average(x, "mean")], name: "\(name).centred")
    let squares = add("Mul", [centred, centred], name: "\(name).squares")
    let epsilon = constant("\(name).epsilon", shape: [1], [BatchNormalisation.epsilon])
    let variance = add(
      "Add", [average(squares, "variance"), epsilon], name: "\(name).denominator2")
    let deviation = add("Sqrt", [variance], name: "\(name).denominator")
    let normal = add("Div", [centred, deviation], name: "\(name).normal")
    let scaled = add(
      "Mul", [normal, constant(scale.name, shape: channels, scale.value.values)],
      name: "\(name).scaled")
    return add(
      "Add", [scaled, constant(shift.name, shape: channels, shift.value.values)], name: name)
  }

  /// max(x, 0) of what a module gives.
  mutating func rectified(_ x: Value) -> Value {
    add("Relu", [x], name: "\(x.name).rectified")
  }

  /// The largest value of each window of x [n, c, h, w].
  mutating func maxPooling(_ x: Value, _ pooling: MaxPooling) -> Value {
    add(
      "MaxPool", [x], name: "\(x.name).pooled",
      [
        "kernel_shape": .integers(square(pooling.size)),
        "pads": .integers(square(pooling.padding) + square(pooling.padding)),
        "strides": .integers(square(pooling.stride)),
      ])
  }

  /// A linear layer [n, k] over whole maps x [n, c, h, w], or over vectors [n, c]; the weight is as
  /// held in memory, [h, w, c, k].
  mutating func linear(_ x: Value, weight: Parameter, bias: Parameter) -> Value {
    let name = Self.module(weight.name)
    let stored = weight.value.convolutionWeightForFile()
    let outputs = stored.shape[0]
    let shape = [outputs, stored.count / outputs]
    return add(
      "Gemm",
      [
        add("Flatten", [x], name: "\(name).flattened"),
        constant(weight.name, shape: shape, stored.values),
        constant(bias.name, shape: [outputs], bias.value.values),
      ],
      name: name, ["transB": .integer(1)])
  }

  /// The published module that a tensor belongs to: `trunk.conv1` of `trunk.conv1.weight`.
  private static func module(_ tensor: String) -> String {
    tensor.hasSuffix(".weight") ? String(tensor.dropLast(".weight".count)) : tensor + ".module"
  }

  private func square(_ extent: Int) -> [Int] { [extent, extent] }
}
