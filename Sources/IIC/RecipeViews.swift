/// How a recipe's views are made: exactly one of the groups is there.
public struct ViewSettings: Codable, Equatable, Sendable {
  /// Views of the published greyscale script, made for MNIST.
  public var greyscale: GreyscaleViewSettings?
  /// Views of the published Sobel scripts, made for CIFAR and STL-10.
  public var sobel: SobelViewSettings?
  /// Views of patches, for networks that label pixels.
  public var patches: PatchViewSettings?

  private init() {}

  /// Views of grey images.
  public static func greyscale(_ settings: GreyscaleViewSettings) -> ViewSettings {
    var views = ViewSettings()
    views.greyscale = settings
    return views
  }

  /// Views whose gradients are what the network sees.
  public static func sobel(_ settings: SobelViewSettings) -> ViewSettings {
    var views = ViewSettings()
    views.sobel = settings
    return views
  }

  /// Views of patches.
  public static func patches(_ settings: PatchViewSettings) -> ViewSettings {
    var views = ViewSettings()
    views.patches = settings
    return views
  }
}

/// How strongly colours change at random.
public struct JitterSettings: Codable, Equatable, Sendable {
  /// Brightness factors are drawn from 1 ± this.
  public var brightness: Double
  /// Contrast factors are drawn from 1 ± this.
  public var contrast: Double
  /// Saturation factors are drawn from 1 ± this.
  public var saturation: Double
  /// Hue turns are drawn from ± this part of the colour wheel.
  public var hue: Double

  /// Strengths; the defaults are the published ones.
  public init(
    brightness: Double = 0.4, contrast: Double = 0.4, saturation: Double = 0.4,
    hue: Double = 0.125
  ) {
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
    self.hue = hue
  }

  /// As strong in all four.
  public static func even(_ strength: Double) -> JitterSettings {
    JitterSettings(brightness: strength, contrast: strength, saturation: strength, hue: strength)
  }
}

/// Views of grey images: crops of several sizes, rotation, brightness and contrast. Views have the
/// network's input size.
public struct GreyscaleViewSettings: Codable, Equatable, Sendable {
  /// Where a crop is taken.
  public enum Crop: String, Codable, Equatable, Sendable, CaseIterable {
    /// Anywhere.
    case random
    /// In the middle.
    case centre
    /// Half the time anywhere, half the time in the middle.
    case centreHalf
  }

  /// Where the first view is cropped.
  public var firstCrop = Crop.centreHalf
  /// Side of the first view's crop, and of the one in the middle that is scored.
  public var firstCropSize = 20
  /// Where the second view is cropped.
  public var secondCrop = Crop.random
  /// Sides of the second view's crop, each as likely as any other; empty for no crop.
  public var secondCropSizes = [16, 20, 24]
  /// The second view is turned by up to ± this, in degrees; 0 for no rotation.
  public var rotation = 25.0
  /// Whether it is always turned, rather than half the time.
  public var alwaysRotates = false
  /// Whether half of the second views are flipped.
  public var flips = false
  /// How the second view's brightness and contrast change.
  public var jitter = JitterSettings()

  /// The published settings for MNIST.
  public init() {}
}

/// Views for Sobel's gradients: crops, flips, changes of colour. Views have the network's input
/// size.
public struct SobelViewSettings: Codable, Equatable, Sendable {
  /// Rotation and crops of several sizes in place of the second view's plain crop.
  public struct FluidWarp: Codable, Equatable, Sendable {
    /// Half of the second views are turned by up to ± this, in degrees.
    public var rotation: Double
    /// Sides of the crop, each as likely as any other.
    public var cropSizes: [Int]

    /// A rotation and crops.
    public init(rotation: Double, cropSizes: [Int]) {
      self.rotation = rotation
      self.cropSizes = cropSizes
    }
  }

  /// A square of the crop that is blacked out.
  public struct Cutout: Codable, Equatable, Sendable {
    /// How many of the second views have one, 0…1.
    public var probability: Double
    /// The square's side at most, as a part of the crop's.
    public var largestPart: Double

    /// Cutout.
    public init(probability: Double, largestPart: Double) {
      self.probability = probability
      self.largestPart = largestPart
    }
  }

  /// Turning, moving, scaling and shearing about the middle.
  public struct Affine: Codable, Equatable, Sendable {
    /// How many of the second views are mapped so, 0…1.
    public var probability: Double

    /// Affine maps of the published strengths.
    public init(probability: Double) { self.probability = probability }
  }

  /// Side of the crops, before they are scaled to the network's input size.
  public var cropSize: Int
  /// Rotation and crops of several sizes; nil for the plain crop.
  public var fluidWarp: FluidWarp?
  /// Affine maps of the second view's crop; nil for none.
  public var affine: Affine?
  /// Cutout of the second view's crop; nil for none.
  public var cutout: Cutout?
  /// How the second view's colours change.
  public var jitter: JitterSettings

  /// Crops, with the published changes of colour.
  public init(
    cropSize: Int, fluidWarp: FluidWarp? = nil, affine: Affine? = nil, cutout: Cutout? = nil,
    jitter: JitterSettings = JitterSettings()
  ) {
    self.cropSize = cropSize
    self.fluidWarp = fluidWarp
    self.affine = affine
    self.cutout = cutout
    self.jitter = jitter
  }
}

/// Views of patches: the crop, and the same with other colours, flipped and mapped. Patches have the
/// network's input size.
public struct PatchViewSettings: Codable, Equatable, Sendable {
  /// Turning, shearing and scaling about the middle.
  public struct Affine: Codable, Equatable, Sendable {
    /// Angles are drawn from ± this, in degrees.
    public var rotation = 30.0
    /// Shear angles are drawn from ± this, in degrees.
    public var shear = 10.0
    /// Scales are drawn from here…
    public var leastScale = 0.8
    /// … to here.
    public var greatestScale = 1.2

    /// Maps of the published strengths.
    public init() {}
  }

  /// What images are scaled by before they are cropped; 1 for not at all.
  public var preScale: Double
  /// How the second view's colours change.
  public var jitter: JitterSettings
  /// How many of the second views are flipped, 0…1.
  public var flipProbability: Double
  /// Affine maps of the second view; nil for none.
  public var affine: Affine?

  /// Views; the defaults are the published ones.
  public init(
    preScale: Double = 1, jitter: JitterSettings = JitterSettings(), flipProbability: Double = 0.5,
    affine: Affine? = nil
  ) {
    self.preScale = preScale
    self.jitter = jitter
    self.flipProbability = flipProbability
    self.affine = affine
  }
}
