/// The joint of two class maps at every displacement of a square box.
public enum ReferenceDisplacedJoint {
  /// Σ over images and pixels of x1[n, y, x, i] · x2[n, y + dy, x + dx, j], x2 being 0 outside;
  /// [n, h, w, k] twice to [2T + 1, 2T + 1, k, k], the displacement (dy, dx) at [dy + T, dx + T].
  ///
  /// - Parameter halfSide: T, the largest displacement in pixels.
  public static func forward(
    _ x1: ReferenceTensor, _ x2: ReferenceTensor, halfSide: Int
  ) -> ReferenceTensor {
    precondition(x1.shape == x2.shape, "joint of maps of shapes \(x1.shape) and \(x2.shape)")
    let (height, width, classes) = (x1.shape[1], x1.shape[2], x1.shape[3])
    let side = 2 * halfSide + 1
    var joint = ReferenceTensor(shape: [side, side, classes, classes])
    for dy in -halfSide...halfSide {
      for dx in -halfSide...halfSide {
        for image in 0..<x1.shape[0] {
          for y in 0..<height where y + dy >= 0 && y + dy < height {
            for x in 0..<width where x + dx >= 0 && x + dx < width {
              for i in 0..<classes {
                for j in 0..<classes {
                  joint[dy + halfSide, dx + halfSide, i, j] +=
                    x1[image, y, x, i] * x2[image, y + dy, x + dx, j]
                }
              }
            }
          }
        }
      }
    }
    return joint
  }

  /// The gradients of both maps for that of the joint.
  public static func inputGradients(
    _ jointGradient: ReferenceTensor, _ x1: ReferenceTensor, _ x2: ReferenceTensor
  ) -> (x1: ReferenceTensor, x2: ReferenceTensor) {
    let (height, width, classes) = (x1.shape[1], x1.shape[2], x1.shape[3])
    let halfSide = jointGradient.shape[0] / 2
    var (first, second) = (ReferenceTensor(shape: x1.shape), ReferenceTensor(shape: x2.shape))
    for dy in -halfSide...halfSide {
      for dx in -halfSide...halfSide {
        for image in 0..<x1.shape[0] {
          for y in 0..<height where y + dy >= 0 && y + dy < height {
            for x in 0..<width where x + dx >= 0 && x + dx < width {
              for i in 0..<classes {
                for j in 0..<classes {
                  let gradient = jointGradient[dy + halfSide, dx + halfSide, i, j]
                  first[image, y, x, i] += gradient * x2[image, y + dy, x + dx, j]
                  second[image, y + dy, x + dx, j] += gradient * x1[image, y, x, i]
                }
              }
            }
          }
        }
      }
    }
    return (first, second)
  }
}
