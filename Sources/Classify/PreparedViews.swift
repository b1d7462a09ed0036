public import IIC
public import Raster

/// The one view of an image that a model classifies, as its file says how images are prepared.
/// Images may have any size.
public struct PreparedViews: ScoringViews, Equatable {
  /// How many times as long as wide an image may be that is scaled by its shorter side.
  static let largestProportion = 32

  /// How images are scaled and cut.
  public let preparation: ImagePreparation
  /// Rows and columns of every view.
  public let inputSize: Int
  /// 1 for grey views, 3 for views in RGB.
  public let channels: Int

  /// Views that a network reads as so many bands. Traps unless `channels` is 1 or 3.
  public init(_ preparation: ImagePreparation, inputSize: Int, channels: Int) {
    precondition(channels == 1 || channels == 3, "views of \(channels) channels")
    self.preparation = preparation
    self.inputSize = inputSize
    self.channels = channels
  }

  /// Any image will do: it is scaled.
  public var shortestSide: Int { 1 }

  /// Always ``channels``.
  public func channels(ofImagesWith imageChannels: Int) -> Int { channels }

  public func scoring(_ image: ByteImage) -> ByteImage {
    let scaled = image.scaled(shortestSide: preparation.shortestSide)
    guard channels == 1 else {
      return scaled.inColour().middle(side: preparation.cropSize, inputSize: inputSize)
    }
    return preparation.greyFirst
      ? scaled.inGrey().middle(side: preparation.cropSize, inputSize: inputSize)
      : scaled.middle(side: preparation.cropSize, inputSize: inputSize).inGrey()
  }
}

extension ByteImage {
  /// The square of `side` pixels in the middle, resized to a square of `inputSize` pixels.
  func middle(side: Int, inputSize: Int) -> ByteImage {
    cropped(to: centreBox(side: side)).resized(width: inputSize, height: inputSize)
  }

  /// Why an image is too narrow to be scaled by its shorter side, or nil.
  var narrownessProblem: String? {
    max(width, height) > PreparedViews.largestProportion * min(width, height)
      ? "\(width) × \(height) pixels are too narrow to be scaled" : nil
  }
}
