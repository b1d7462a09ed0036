public import IIC
internal import Raster
public import Tensor

/// How well k-means clusters images: the baseline of the paper's table 1, on their pixels or on
/// features of a network.
public struct KMeansBaseline: Sendable, Equatable {
  /// How the clusters stand to the classes of the images, as of one sub-head.
  public let confusions: ClusterConfusions
  /// What they come to.
  public let scores: HeadEvaluation.SubHead

  /// Numbers that stand for images: rows [n, d], with the images' labels.
  public struct Rows: Sendable {
    /// [n, d], row-major.
    public let values: [Float]
    /// How many numbers stand for an image, d.
    public let dimensions: Int
    /// The class of each image.
    public let labels: [UInt8]

    /// Rows of numbers, such as a network's features. Traps unless the counts fit.
    public init(values: [Float], dimensions: Int, labels: [UInt8]) {
      precondition(
        dimensions >= 1 && values.count == labels.count * dimensions && !labels.isEmpty,
        "\(values.count) numbers in rows of \(dimensions) for \(labels.count) labels")
      self.values = values
      self.dimensions = dimensions
      self.labels = labels
    }

    /// The pixels of labelled images, 0…1, untouched: no crop, no grey.
    ///
    /// - Throws: ``ClassifyError`` where the images have no labels or differ in size.
    public init(pixelsOf images: ImageSet, named name: String) throws {
      let labels = try images.requiredLabels(named: name)
      let size = try Self.checkPixels(of: images, named: name)
      var values: [Float] = []
      values.reserveCapacity(images.count * size.height * size.width * images.channels)
      for index in 0..<images.count {
        for value in images[index].pixels { values.append(Float(value) / 255) }
      }
      self.init(
        values: values, dimensions: size.height * size.width * images.channels, labels: labels)
    }

    /// The rows and columns of images whose pixels can be compared.
    ///
    /// - Throws: ``ClassifyError`` where they differ in size.
    @discardableResult
    public static func checkPixels(
      of images: ImageSet, named name: String
    ) throws -> (height: Int, width: Int) {
      guard let size = images.commonSize else {
        throw ClassifyError(
          operation: "cluster", path: name,
          reason: "its images differ in size, so that their pixels cannot be compared",
          remedy: "scale and crop them to one size")
      }
      return size
    }
  }

  /// Clusters the rows and scores the clusters against the labels.
  ///
  /// - Parameters:
  ///   - rows: what clusters are found in, and by which they are given classes.
  ///   - scored: what is then scored; nil for the rows themselves.
  ///   - classes: how many classes there are, 1…256; labels lie below.
  ///   - clusters: 1…256; as many as classes where nil.
  public init(
    of rows: Rows, scoring scored: Rows? = nil, classes: Int, clusters: Int? = nil,
    generator: inout SeededGenerator, on workers: Workers
  ) {
    let clusterCount = clusters ?? classes
    precondition(scored.map { $0.dimensions == rows.dimensions } ?? true, "rows of other lengths")
    let means = KMeans.fit(
      rows: rows.values, dimensions: rows.dimensions, clusters: clusterCount,
      generator: &generator, on: workers)
    func confusion(of rows: Rows) -> ConfusionMatrix {
      var matrix = ConfusionMatrix(classes: classes, predictions: clusterCount)
      matrix.add(truth: rows.labels, prediction: means.assign(rows.values, on: workers))
      return matrix
    }
    confusions = ClusterConfusions(
      assignment: [confusion(of: rows)], scored: scored.map { [confusion(of: $0)] })
    scores = confusions.evaluation.subHeads[0]
  }
}
