public import IIC
public import Raster
public import Tensor

/// The views of the published greyscale script, made for MNIST: random crops of several sizes,
/// rotation, brightness and contrast. Images in colour become grey first.
public struct GreyscaleViews: ImageViews, Equatable {
  /// Where a crop is taken.
  public typealias Crop = GreyscaleViewSettings.Crop

  /// Rows and columns of every view.
  public var inputSize = 24
  /// Where the first view is cropped.
  public var firstCrop = Crop.centreHalf
  /// Side of the first view's crop.
  public var firstCropSize = 20
  /// Side of the crop that is scored, in the middle; the first view's where nil.
  public var scoringCropSize: Int?
  /// Where the second view is cropped.
  public var secondCrop = Crop.random
  /// Sides of the second view's crop, each as likely as any other; empty for no crop.
  public var secondCropSizes = [16, 20, 24]
  /// The second view is turned by up to ± this, in degrees; 0 for no rotation.
  public var rotation: Float = 25
  /// Whether it is always turned, rather than half the time.
  public var alwaysRotates = false
  /// Whether half of the second views are flipped.
  public var flips = false
  /// How the second view's brightness and contrast change; nil for not at all.
  public var jitter: ColourJitter? = ColourJitter()

  /// The published settings for MNIST.
  public init() {}

  public var shortestSide: Int {
    ([firstCropSize, scoringCropSize ?? 0] + secondCropSizes).max() ?? 0
  }

  /// Always 1.
  public func channels(ofImagesWith imageChannels: Int) -> Int { 1 }

  public func first(_ image: ByteImage, using generator: inout SeededGenerator) -> ByteImage {
    let grey = image.inGrey()
    let box = Self.box(firstCrop, side: firstCropSize, in: grey, using: &generator)
    return grey.cropped(to: box).resized(width: inputSize, height: inputSize)
  }

  public func second(_ image: ByteImage, using generator: inout SeededGenerator) -> ByteImage {
    var view = image.inGrey()
    if rotation > 0, alwaysRotates || generator.happens(0.5) {
      view = view.rotated(degrees: Double(generator.uniform(-rotation...rotation)))
    }
    if let side = secondCropSizes.randomElement(using: &generator) {
      view = view.cropped(to: Self.box(secondCrop, side: side, in: view, using: &generator))
    }
    view = view.resized(width: inputSize, height: inputSize)
    if flips, generator.happens(0.5) { view = view.flipped() }
    if let jitter { view = view.jittered(jitter.draw(using: &generator)) }
    return view
  }

  public func scoring(_ image: ByteImage) -> ByteImage {
    image.inGrey().middle(side: scoringCropSize ?? firstCropSize, inputSize: inputSize)
  }

  public func preparation(shortestSide: Int) throws -> ImagePreparation {
    try ImagePreparation(
      shortestSide: shortestSide, cropSize: scoringCropSize ?? firstCropSize, greyFirst: true)
  }

  private static func box(
    _ crop: Crop, side: Int, in image: ByteImage, using generator: inout SeededGenerator
  ) -> PixelBox {
    let isRandom =
      switch crop {
      case .random: true
      case .centre: false
      case .centreHalf: generator.happens(0.5)
      }
    return isRandom ? generator.square(of: side, in: image) : image.centreBox(side: side)
  }
}
