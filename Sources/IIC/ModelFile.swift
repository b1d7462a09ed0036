public import Tensor

/// A trained network with all that is needed to label rasters or whole images with it: the contents
/// of a model's `.safetensors` file.
///
/// A value of this type is complete and consistent: every tensor that the configuration asks for is
/// there in its shape, and finite.
public struct ModelFile: Sendable {
  /// What the network is.
  public let configuration: ModelConfiguration
  /// Parameters and running statistics by published name, convolution weights HWIO.
  public let tensors: [String: Tensor]
  /// How each raster band becomes an input, in the order of the inputs.
  public let bands: [BandScaling]
  /// What the classes are called, `configuration.classes` of them; nil where nobody has said.
  public let classes: [ModelClass]?
  /// The recipe it was trained by, as YAML.
  public let recipe: String?
  /// The sub-head that labels, of head B or of the only head, where training recorded one: that of
  /// the lowest loss.
  public let recordedSubHead: Int?
  /// The sub-head of head A that assigns over-clusters, where training recorded one: that of the
  /// lowest loss.
  public let recordedOverclusterSubHead: Int?
  /// How whole images become what the network reads; nil in a model that labels pixels, and where
  /// nobody has said.
  public let images: ImagePreparation?
  /// How many batches each normalisation has seen (`….num_batches_tracked`), as PyTorch counts.
  public let batchCounts: [String: Int64]
  /// Metadata that is not ours, kept when the model is written again.
  public let otherMetadata: [String: String]

  /// The sub-head that labels: the one recorded, or the first.
  public var subHead: Int { recordedSubHead ?? 0 }

  /// The sub-head that assigns over-clusters: the one recorded, or the first.
  public var overclusterSubHead: Int { recordedOverclusterSubHead ?? 0 }

  /// The digest of the file that this was read from.
  var fileDigest: String?

  /// Gathers a model. Throws an ``IICError`` unless the parts agree with each other: the tensors
  /// with the configuration in name and shape, finite, variances not negative; one scaling a band;
  /// one entry a class; sub-heads that exist; a preparation of images only where
  /// the network reads whole ones.
  public init(
    configuration: ModelConfiguration, tensors: [String: Tensor], bands: [BandScaling],
    classes: [ModelClass]? = nil, recipe: String? = nil, subHead: Int? = nil,
    overclusterSubHead: Int? = nil, images: ImagePreparation? = nil,
    batchCounts: [String: Int64] = [:],
    otherMetadata: [String: String] = [:]
  ) throws {
    self.configuration = configuration
    self.tensors = tensors
    self.bands = bands
    self.classes = classes
    self.recipe = recipe
    recordedSubHead = subHead
    recordedOverclusterSubHead = overclusterSubHead
    self.images = images
    self.batchCounts = batchCounts
    self.otherMetadata = otherMetadata
    try checkDescription()
    try checkTensors()
  }

  /// Reads a model. Throws an ``IICError`` for a file that is damaged, is no model, or is one of
  /// another architecture or a later format.
  public init(reading path: String) throws {
    do {
      let (contents, digest) = try Safetensors.readingWithDigest(path)
      try self.init(contents: contents, digest: digest)
    } catch let error as IICError {
      throw error.at(path: path)
    }
  }

  /// Reads a model that is in memory; throws as ``init(reading:)`` does.
  public init(bytes: [UInt8]) throws {
    try self.init(
      contents: Safetensors(bytes: bytes), digest: ModelDigest.hexadecimal(of: bytes))
  }

  /// Writes the model whole or not at all and returns the digest of the file. The same model always
  /// gives the same bytes. Throws an ``IICError`` when the file cannot be written.
  @discardableResult
  public func write(to path: String) throws -> String {
    try contents.write(to: path)
  }

  /// The bytes that ``write(to:)`` writes.
  public func serialised() throws -> [UInt8] {
    try contents.serialised()
  }

  /// The SHA-256, in hexadecimal, of the file that the model was read from; of the bytes that
  /// ``write(to:)`` would write for a model that was not read.
  public var digest: String {
    get throws { try fileDigest ?? ModelDigest.hexadecimal(of: serialised()) }
  }
}
