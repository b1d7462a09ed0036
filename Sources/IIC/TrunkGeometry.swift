/// Where the trunk's cells lie on its input.
///
/// A cell (i, j) of the trunk's map is computed from the 30×30 pixels around the place
/// (2i + 4.5, 2j + 4.5), pixel centres being whole numbers.
public enum TrunkGeometry {
  /// Pixels between neighbouring cells, in both directions.
  public static let cellSpacing = 2
  /// Where the first cell lies, in pixels from the first pixel's centre.
  public static let firstCell = 4.5
  /// Side of the square of pixels that a cell sees.
  public static let receptiveField = 30
  /// Pixels that must be seen on each side of a pixel to decide it: half of what a cell sees, and the
  /// 1.5 pixels to the farthest cell that the pixel is interpolated from, rounded up to even, so that
  /// pooling falls on the same pixels; two more for Sobel's kernels, which see one.
  public static func halo(sobel: Bool) -> Int { sobel ? 18 : 16 }
  /// Side of the smallest input that has a cell.
  public static let smallestInput = 10

  /// How many cells lie along a side of so many pixels.
  public static func cells(along pixels: Int) -> Int { pixels / cellSpacing - 4 }
}
