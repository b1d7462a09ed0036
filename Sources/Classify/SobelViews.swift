public import IIC
public import Raster
public import Tensor

/// The views of the published Sobel scripts, made for CIFAR and STL-10: random crops, flips and
/// changes of colour, then grey; the gradients are taken on the network's side.
public struct SobelViews: ImageViews, Equatable {
  /// Rotation and crops of several sizes in place of the second view's plain crop (`fluid_warp`).
  public struct FluidWarp: Sendable, Equatable {
    /// Half of the second views are turned by up to ± this, in degrees.
    public var rotation: Float
    /// Sides of the crop, each as likely as any other.
    public var cropSizes: [Int]

    /// A rotation and crops. Traps without a crop.
    public init(rotation: Float, cropSizes: [Int]) {
      precondition(rotation >= 0 && !cropSizes.isEmpty, "\(rotation)°, crops of \(cropSizes)")
      self.rotation = rotation
      self.cropSizes = cropSizes
    }
  }

  /// A square of the crop that is blacked out.
  public struct Cutout: Sendable, Equatable {
    /// How many of the second views have one, 0…1.
    public var probability: Float
    /// The square's side at most, as a part of the crop's; at least it is a fifth.
    public var largestPart: Float

    /// Cutout as published for semi-supervised training unless told otherwise. Traps on parts that
    /// are not within 0.2…0.9.
    public init(probability: Float = 0.5, largestPart: Float = 0.7) {
      precondition((0.2...0.9).contains(largestPart), "cutout of \(largestPart)")
      self.probability = probability
      self.largestPart = largestPart
    }
  }

  /// Rows and columns of every view.
  public var inputSize: Int
  /// Side of the crops.
  public var cropSize: Int
  /// Whether red, green and blue are kept for the network to see beside the gradients.
  public var includesRGB = false
  /// Rotation and crops of several sizes; nil for the plain crop.
  public var fluidWarp: FluidWarp?
  /// Affine maps of the second view's crop, semi-supervised; nil for none.
  public var affine: RandomAffine?
  /// How many of the second views have one, 0…1.
  public var affineProbability: Float = 0.5
  /// Cutout of the second view's crop; nil for none.
  public var cutout: Cutout?
  /// How the second view's colours change.
  public var jitter = ColourJitter()

  /// Views of a crop, resized. Published: CIFAR 20 to 32, STL-10 64 to 64. Traps unless both are
  /// positive.
  public init(inputSize: Int, cropSize: Int) {
    precondition(inputSize > 0 && cropSize > 0, "crops of \(cropSize) to \(inputSize)")
    self.inputSize = inputSize
    self.cropSize = cropSize
  }

  public var shortestSide: Int { ([cropSize] + (fluidWarp?.cropSizes ?? [])).max() ?? 0 }

  /// 1, or 3 of images in colour where their colours are kept.
  public func channels(ofImagesWith imageChannels: Int) -> Int { includesRGB ? imageChannels : 1 }

  public func first(_ image: ByteImage, using generator: inout SeededGenerator) -> ByteImage {
    finished(
      image.cropped(to: generator.square(of: cropSize, in: image))
        .resized(width: inputSize, height: inputSize))
  }

  public func second(_ image: ByteImage, using generator: inout SeededGenerator) -> ByteImage {
    var view = image
    var side = cropSize
    if let fluidWarp {
      if generator.happens(0.5) {
        view = view.rotated(
          degrees: Double(generator.uniform(-fluidWarp.rotation...fluidWarp.rotation)))
      }
      side = fluidWarp.cropSizes.randomElement(using: &generator) ?? cropSize
    }
    view = view.cropped(to: generator.square(of: side, in: view))
    if let affine, generator.happens(affineProbability) {
      view = view.warped(
        by: affine.draw(width: view.width, height: view.height, using: &generator))
    }
    if let cutout, generator.happens(cutout.probability) {
      view = view.cuttingOut(cutoutBox(cutout, in: view, using: &generator))
    }
    view = view.resized(width: inputSize, height: inputSize)
    if generator.happens(0.5) { view = view.flipped() }
    return finished(view.jittered(jitter.draw(using: &generator)))
  }

  public func scoring(_ image: ByteImage) -> ByteImage {
    finished(image.middle(side: cropSize, inputSize: inputSize))
  }

  public func preparation(shortestSide: Int) throws -> ImagePreparation {
    try ImagePreparation(shortestSide: shortestSide, cropSize: cropSize, greyFirst: false)
  }

  /// Ten crops, resized to the input's size, that semi-supervised training is scored on; the logits'
  /// mean counts. Traps where the image is smaller.
  public func tenCrops(_ image: ByteImage) -> [ByteImage] {
    image.tenCrops(side: cropSize).map {
      finished($0.resized(width: inputSize, height: inputSize))
    }
  }

  /// The published program rounds grey to 8 bits even where it keeps the colours; the network here
  /// then makes its own grey of them, unrounded, at most half a level away.
  private func finished(_ view: ByteImage) -> ByteImage { includesRGB ? view : view.inGrey() }

  private func cutoutBox(
    _ cutout: Cutout, in view: ByteImage, using generator: inout SeededGenerator
  ) -> PixelBox {
    let sides = Int(Double(cropSize) * 0.2)...Int(Float(cropSize) * cutout.largestPart)
    let half = min(Int.random(in: sides, using: &generator), min(view.width, view.height) - 1) / 2
    let x = Int.random(in: half..<view.width - half, using: &generator)
    let y = Int.random(in: half..<view.height - half, using: &generator)
    return PixelBox(column: x - half, row: y - half, width: 2 * half, height: 2 * half)
  }
}
