public import IIC
internal import Raster
public import Tensor

/// How well a supervised network knows labelled images, as published (paper, table 3): of ten crops
/// an image, the mean of the logits decides.
public struct TenCropEvaluation: Sendable, Equatable {
  /// A row a class, a column a prediction.
  public let confusion: ConfusionMatrix

  /// The part of the images that is right.
  public var accuracy: Double { confusion.accuracy ?? 0 }

  /// Scores a network.
  ///
  /// - Parameters:
  ///   - name: what to call the images in errors.
  ///   - views: where the crops' and the views' sizes are taken from.
  ///   - imagesPerBatch: images whose ten crops go through the network at once.
  ///   - observe: called after each batch with how many images are done.
  /// - Throws: ``ClassifyError`` where the images have no labels or are smaller than the crops,
  ///   `IICError` where the network comes to numbers that are not finite, and whatever `observe`
  ///   throws. Traps on labels beyond the network's classes.
  public init(
    of network: SupervisedNetwork, on images: ImageSet, named name: String, views: SobelViews,
    imagesPerBatch: Int = 50, workers: Workers, observe: (_ done: Int) throws -> Void = { _ in }
  ) throws {
    let labels = try images.requiredLabels(named: name)
    try images.checkSize(for: views, named: name)
    let classes = network.configuration.classes
    let channels = views.channels(ofImagesWith: 3)
    let pipeline = OrderedPipeline(
      count: (images.count + imagesPerBatch - 1) / imagesPerBatch, ahead: workers.threads + 1,
      threads: workers.threads
    ) {
      { number in
        let range = number * imagesPerBatch..<min((number + 1) * imagesPerBatch, images.count)
        var values = ViewValues(views.inputSize, channels, capacity: 10 * range.count)
        for index in range {
          for crop in views.tenCrops(images.image(index, for: views)) { values.append(crop) }
        }
        return ViewValues.tensor([values])
      }
    }
    var confusion = ConfusionMatrix(classes: classes, predictions: classes)
    var done = 0
    while let crops = try pipeline.next() {
      // [10 n, k] seen as [n, 10, k].
      let logits = network.logits(crops, on: workers)
      let count = logits.shape[0] / 10
      let byCrop = logits.reshaped(to: [count, 10, classes])
      var sum = Tensor(shape: [count, classes])
      for crop in 0..<10 { sum.add(byCrop.beforeLastAxis(crop), on: workers) }
      confusion.add(
        truth: Array(labels[done..<done + count]),
        prediction: try sum.checkedFinite().likeliest().map { UInt8($0) })
      done += count
      try observe(done)
    }
    self.confusion = confusion
  }
}

extension ImageSet {
  /// The labels; throws ``ClassifyError`` where there are none.
  func requiredLabels(named name: String) throws -> [UInt8] {
    guard let labels else {
      throw ClassifyError(
        operation: "score", path: name, reason: "its images have no labels",
        remedy: "use images sorted into a folder a class")
    }
    return labels
  }
}
