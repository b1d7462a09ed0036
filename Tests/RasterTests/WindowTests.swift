import Testing

@testable import Raster

@Suite struct WindowTests {
  @Test func `windows meet where they share pixels`() {
    let window = Window(column: 2, row: 3, width: 4, height: 5)
    #expect(
      window.intersection(Window(column: 4, row: 0, width: 10, height: 5))
        == Window(column: 4, row: 3, width: 2, height: 2))
    #expect(window.intersection(Window(column: 6, row: 3, width: 1, height: 1)) == nil)
    #expect(window.pixelCount == 20)
    #expect(window.contains(Window(column: 2, row: 7, width: 4, height: 1)))
    #expect(!window.contains(Window(column: 2, row: 7, width: 4, height: 2)))
    #expect(!window.contains(Window(column: 1, row: 3, width: 1, height: 1)))
    #expect(!window.contains(Window(column: 2, row: 3, width: .max, height: .max)))
  }
}
