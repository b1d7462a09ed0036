internal import IIC

extension SegmentationModel {
  /// The same model with its classes called otherwise, in their colours.
  ///
  /// Traps unless there is a name a class; throws `IICError` for a name that is not one line of 1 to
  /// 256 characters.
  public func named(_ names: [String]) throws -> SegmentationModel {
    precondition(names.count == classes.count, "\(names.count) names, \(classes.count) classes")
    return try SegmentationModel(
      ModelFile(
        configuration: file.configuration, tensors: file.tensors, bands: file.bands,
        classes: zip(names, classes).map { try ModelClass(name: $0, colour: $1.colour) },
        recipe: file.recipe, subHead: file.recordedSubHead,
        overclusterSubHead: file.recordedOverclusterSubHead, batchCounts: file.batchCounts,
        otherMetadata: file.otherMetadata))
  }
}
