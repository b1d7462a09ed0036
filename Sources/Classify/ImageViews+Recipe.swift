public import IIC
internal import Raster
internal import Tensor

extension Recipe {
  /// The views of whole images that the recipe asks for. Traps for a recipe of patches.
  public var imageViews: any ImageViews {
    if let settings = views.greyscale {
      return GreyscaleViews(settings, inputSize: network.inputSize)
    }
    guard let settings = views.sobel else { preconditionFailure("a recipe of patches") }
    return SobelViews(
      settings, inputSize: network.inputSize, includesRGB: network.includeRGB)
  }
}

extension GreyscaleViews {
  /// The views that a recipe's settings say.
  public init(_ settings: GreyscaleViewSettings, inputSize: Int) {
    self.init()
    self.inputSize = inputSize
    firstCrop = settings.firstCrop
    firstCropSize = settings.firstCropSize
    secondCrop = settings.secondCrop
    secondCropSizes = settings.secondCropSizes
    rotation = Float(settings.rotation)
    alwaysRotates = settings.alwaysRotates
    flips = settings.flips
    jitter = ColourJitter(settings.jitter)
  }
}

extension SobelViews {
  /// The views that a recipe's settings say.
  public init(_ settings: SobelViewSettings, inputSize: Int, includesRGB: Bool) {
    self.init(inputSize: inputSize, cropSize: settings.cropSize)
    self.includesRGB = includesRGB
    fluidWarp = settings.fluidWarp.flatMap {
      $0.cropSizes.isEmpty
        ? nil : FluidWarp(rotation: Float($0.rotation), cropSizes: $0.cropSizes)
    }
    affine = settings.affine.map { _ in RandomAffine() }
    affineProbability = Float(settings.affine?.probability ?? 0)
    cutout = settings.cutout.map {
      Cutout(probability: Float($0.probability), largestPart: Float($0.largestPart))
    }
    jitter = ColourJitter(settings.jitter)
  }
}

extension ColourJitter {
  /// The strengths that a recipe's settings say.
  public init(_ settings: JitterSettings) {
    self.init(
      brightness: Float(settings.brightness), contrast: Float(settings.contrast),
      saturation: Float(settings.saturation), hue: Float(settings.hue))
  }
}
