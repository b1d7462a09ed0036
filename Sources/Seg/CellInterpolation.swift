internal import IIC
public import Tensor

/// Class probabilities at pixels, interpolated between the cells of the network's trunk.
///
/// The trunk pools once and pads four convolutions short, so its cell (i, j) stands for the pixel
/// position (2i + 4.5, 2j + 4.5) of its tile. Stretching the map to the tile's size, as the
/// published evaluation does, moves it by up to two pixels near the tile's edge; interpolating
/// at the cells' true places does not, and gives a pixel one value whatever tile it falls in.
public enum CellInterpolation {
  /// The pixels of a tile, along one side, that lie between `cells` cells: the pixels that
  /// ``pixels(fromCells:height:width:classes:rectangle:)`` can give. Empty for fewer than 2 cells.
  public static func coveredPixels(cells: Int) -> Range<Int> {
    cells < 2 ? 5..<5 : 5..<2 * cells + 3
  }

  /// Values at every pixel of `rectangle`, bilinear between the four cells around each.
  ///
  /// - Parameters:
  ///   - cells: The map at the trunk's cells, [height, width, classes]. The rows of cells that a
  ///     head's padding adds around the trunk's map are not part of it.
  ///   - rectangle: Pixels of the tile the map was computed from.
  ///   - workers: Whose memory the result takes; the calling thread computes it.
  /// - Returns: [rectangle.height, rectangle.width, classes].
  ///
  /// Traps on another rank, or if the rectangle reaches beyond the cells (see
  /// ``coveredPixels(cells:)``).
  public static func pixels(
    fromCells cells: Tensor, rectangle: PixelRectangle, on workers: Workers
  ) -> Tensor {
    precondition(cells.shape.count == 3, "cells of shape \(cells.shape)")
    let (height, width, classes) = (cells.shape[0], cells.shape[1], cells.shape[2])
    let coveredRows = coveredPixels(cells: height)
    let coveredColumns = coveredPixels(cells: width)
    precondition(
      rectangle.rows.clamped(to: coveredRows) == rectangle.rows
        && rectangle.columns.clamped(to: coveredColumns) == rectangle.columns,
      "pixels \(rectangle) lie beyond \(height)×\(width) cells")

    let rowLength = width * classes
    // Every pixel lies a quarter of the spacing from its nearer cell, on one side or the other.
    func neighbours(of pixel: Int) -> (first: Int, fraction: Float) {
      ((pixel - 5) / TrunkGeometry.cellSpacing, pixel % 2 == 0 ? 0.75 : 0.25)
    }
    var output = Tensor(zeros: [rectangle.height, rectangle.width, classes], on: workers)
    var blended = [Float](repeating: 0, count: rowLength)
    cells.withSpan { cells in
      output.withMutableSpan { output in
        var destination = 0
        for row in rectangle.rows {
          let (upper, fraction) = neighbours(of: row)
          let upperRow = cells.extracting(upper * rowLength..<(upper + 1) * rowLength)
          let lowerRow = cells.extracting((upper + 1) * rowLength..<(upper + 2) * rowLength)
          for index in 0..<rowLength {
            blended[index] = upperRow[index] + fraction * (lowerRow[index] - upperRow[index])
          }
          for column in rectangle.columns {
            let (left, fraction) = neighbours(of: column)
            var source = left * classes
            for _ in 0..<classes {
              let value = blended[source]
              output[destination] = value + fraction * (blended[source + classes] - value)
              source += 1
              destination += 1
            }
          }
        }
      }
    }
    return output
  }
}
