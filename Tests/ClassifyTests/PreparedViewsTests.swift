import Classify
import IIC
import Raster
import Testing

@Suite struct PreparedViewsTests {
  private func image(width: Int, height: Int, channels: Int = 3) -> ByteImage {
    DatasetFixture.image(3, height: height, width: width, channels: channels)
  }

  @Test func `what a model is told gives the view it was scored by`() throws {
    let photograph = image(width: 96, height: 128)
    let scaled = photograph.scaled(shortestSide: 64)
    var sobel = SobelViews(inputSize: 48, cropSize: 56)
    var views = PreparedViews(
      try sobel.preparation(shortestSide: 64), inputSize: 48, channels: 1)
    #expect(views.scoring(photograph) == sobel.scoring(scaled))
    sobel.includesRGB = true
    views = PreparedViews(try sobel.preparation(shortestSide: 64), inputSize: 48, channels: 3)
    #expect(views.scoring(photograph) == sobel.scoring(scaled))

    var greyscale = GreyscaleViews()
    views = PreparedViews(
      try greyscale.preparation(shortestSide: 64), inputSize: 24, channels: 1)
    #expect(views.scoring(photograph) == greyscale.scoring(scaled))
    greyscale.scoringCropSize = 40
    views = PreparedViews(
      try greyscale.preparation(shortestSide: 64), inputSize: 24, channels: 1)
    #expect(views.scoring(photograph) == greyscale.scoring(scaled))
    // Images of the published size stay as they are.
    let digit = image(width: 28, height: 28, channels: 1)
    views = PreparedViews(
      try GreyscaleViews().preparation(shortestSide: 28), inputSize: 24, channels: 1)
    #expect(views.scoring(digit) == GreyscaleViews().scoring(digit))
  }

  @Test func `views are of one shape whatever the image`() throws {
    let preparation = try ImagePreparation(shortestSide: 40, cropSize: 40, greyFirst: false)
    for channels in [1, 3] {
      let views = PreparedViews(preparation, inputSize: 32, channels: channels)
      for (width, height) in [(1, 1), (31, 1), (9, 200), (40, 40), (500, 333)] {
        for imageChannels in [1, 3] {
          let view = views.scoring(image(width: width, height: height, channels: imageChannels))
          #expect(view.width == 32 && view.height == 32 && view.channels == channels)
        }
      }
    }
  }

  @Test func `crops larger than the images are refused`() {
    #expect(throws: IICError.self) {
      try SobelViews(inputSize: 32, cropSize: 20).preparation(shortestSide: 19)
    }
  }
}
