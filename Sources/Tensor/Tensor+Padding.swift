extension Tensor {
  /// The images [n, h, w, c] with `margin` zeros on each side: [n, h + 2·margin, w + 2·margin, c].
  func padded(by margin: Int, on workers: Workers) -> Tensor {
    let (images, height, width, channels) = imageExtents
    if margin == 0 { return self }
    let (paddedHeight, paddedWidth) = (height + 2 * margin, width + 2 * margin)
    var result = Tensor(
      uninitialised: [images, paddedHeight, paddedWidth, channels], on: workers)
    let target = result.mutableElements()
    workers.split(images * paddedHeight) { range, _ in
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: paddedHeight)
        let to = target + line * paddedWidth * channels
        guard row >= margin && row < margin + height else {
          to.update(repeating: 0, count: paddedWidth * channels)
          continue
        }
        to.update(repeating: 0, count: margin * channels)
        (to + margin * channels).update(
          from: elements + (image * height + row - margin) * width * channels,
          count: width * channels)
        (to + (margin + width) * channels).update(repeating: 0, count: margin * channels)
      }
    }
    return result
  }

  /// The rectangle of the given rows and columns of each image [n, h, w, c].
  public func cropped(rows: Range<Int>, columns: Range<Int>, on workers: Workers) -> Tensor {
    let (images, height, width, channels) = imageExtents
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= height && columns.lowerBound >= 0
        && columns.upperBound <= width, "rows \(rows), columns \(columns) of \(shape)")
    if rows.count == height && columns.count == width { return self }
    var result = Tensor(
      uninitialised: [images, rows.count, columns.count, channels], on: workers)
    let target = result.mutableElements()
    workers.split(images * rows.count) { range, _ in
      for line in range {
        let (image, row) = line.quotientAndRemainder(dividingBy: rows.count)
        (target + line * columns.count * channels).update(
          from: elements
            + ((image * height + rows.lowerBound + row) * width + columns.lowerBound) * channels,
          count: columns.count * channels)
      }
    }
    return result
  }
}
