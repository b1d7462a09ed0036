public import Tensor

extension Tensor {
  /// These numbers, if all are finite: what a network makes of images, before it is assigned, scored
  /// or written. A model's weights may be finite and so large that what they come to is not.
  ///
  /// Throws an ``IICError`` otherwise.
  public func checkedFinite() throws -> Tensor {
    let isFinite = withSpan { values in values.indices.allSatisfy { values[$0].isFinite } }
    guard isFinite else {
      throw IICError(
        operation: "use the model", reason: "what its network makes of the images is not finite",
        remedy: "take a model whose training did not diverge, or train it again with a lower "
          + "learning rate")
    }
    return self
  }
}
