internal import Foundation
public import Tensor

/// What a network is asked of two patches of an image in order to learn features without labels: the
/// paper's baselines "Isola 2016" and "Doersch 2015" (table 4).
public enum PretextTask: String, Codable, Sendable, Equatable, CaseIterable {
  /// Whether the patches touch or lie apart (Isola, Zoran, Krishnan and Adelson, *Learning visual
  /// groups from co-occurrences in space and time*, ICLR workshop 2016).
  case isola
  /// In which of eight directions the second patch lies of the first (Doersch, Gupta and Efros,
  /// *Unsupervised visual representation learning by context prediction*, ICCV 2015).
  case doersch

  /// Logits of an answer: one of yes or no, or one a direction.
  var logits: Int {
    switch self {
    case .isola: 1
    case .doersch: PretextQuestion.directions
    }
  }
}

/// Two patches of every image of a batch, and what is to be said of them.
public struct PretextQuestion: Sendable, Equatable {
  /// A pixel.
  public struct Place: Sendable, Equatable {
    /// From the top, from 0.
    public let row: Int
    /// From the left, from 0.
    public let column: Int
  }

  /// Directions that ``PretextTask/doersch`` tells apart.
  static let directions = 8

  /// The middle of the first patch.
  public let first: Place
  /// The middle of the second patch.
  public let second: Place
  /// Of ``PretextTask/isola`` 1 where the patches touch, else 0; of ``PretextTask/doersch`` the
  /// direction in eighths of a turn, from the right by way of below.
  public let answer: Int

  /// Draws patches of `patchSide` pixels a side that lie whole in images of `side`, as the published
  /// program does: the first at least its own side away from the border.
  ///
  /// Patches that touch are diagonal neighbours; those that lie apart have middles two patch sides
  /// apart or more. In a direction, the middles are one and a half to two patch sides apart.
  ///
  /// Traps unless `patchSide` is odd and images have four of them a side.
  public static func draw(
    _ task: PretextTask, side: Int, patchSide: Int, using generator: inout SeededGenerator
  ) -> PretextQuestion {
    precondition(
      patchSide > 0 && patchSide % 2 == 1 && side >= 4 * patchSide,
      "patches of \(patchSide) in images of \(side) pixels")
    let patch = Double(patchSide)
    let isNear = task == .isola && generator.uniform(0...1) < 0.5
    func drawn(_ least: Double, _ greatest: Double) -> Double {
      least + Double(generator.uniform(0...1)) * (greatest - least)
    }
    let inside = patchSide / 2..<side - patchSide / 2
    while true {
      let first = (
        row: Int(drawn(1.5 * patch, Double(side) - 1.5 * patch)),
        column: Int(drawn(1.5 * patch, Double(side) - 1.5 * patch))
      )
      let direction = Int.random(in: 0..<directions, using: &generator)
      let second: (row: Int, column: Int)
      let answer: Int
      switch task {
      case .isola where isNear:
        let (isBelow, isRight) = (Bool.random(using: &generator), Bool.random(using: &generator))
        second = (
          first.row + (isBelow ? patchSide : -patchSide),
          first.column + (isRight ? patchSide : -patchSide)
        )
        answer = 1
      case .isola:
        let distance = drawn(2 * patch, Double(side))
        second = at(distance, angle: drawn(0, 2 * .pi), from: first)
        answer = 0
      case .doersch:
        let distance = drawn(1.5 * patch, 2 * patch)
        second = at(distance, angle: Double(direction) * .pi / 4, from: first)
        answer = direction
      }
      guard inside.contains(second.row), inside.contains(second.column) else { continue }
      return PretextQuestion(
        first: Place(row: first.row, column: first.column),
        second: Place(row: second.row, column: second.column), answer: answer)
    }
  }

  private static func at(
    _ distance: Double, angle: Double, from place: (row: Int, column: Int)
  ) -> (row: Int, column: Int) {
    (
      Int((Double(place.row) + distance * sin(angle)).rounded(.down)),
      Int((Double(place.column) + distance * cos(angle)).rounded(.down))
    )
  }
}

/// What a step of pretext training learns from. n images, h rows, w columns, b bands.
public struct PretextBatch: Sendable {
  /// The images [n, h, w, b].
  public var views: Tensor
  /// The colours [n, h, w, 3] that the network reads in place of the first three bands where it
  /// reads gradients too, which stay those of the bands; nil for the bands' own.
  public var colours: Tensor?
  /// [n, h, w, 1], 0 where a pixel does not count; nil for all ones. An image counts where one of
  /// its patches' middles does.
  public var mask: Tensor?
  /// What is asked of each image.
  public var question: PretextQuestion
  /// What dropout is drawn from.
  public var dropout: SeededGenerator

  /// A batch. Traps where the shapes do not fit.
  public init(
    views: Tensor, colours: Tensor? = nil, mask: Tensor? = nil, question: PretextQuestion,
    dropout: SeededGenerator
  ) {
    func fits(_ tensor: Tensor?, _ channels: Int) -> Bool {
      tensor.map { $0.shape == Array(views.shape.dropLast()) + [channels] } ?? true
    }
    precondition(
      views.shape.count == 4 && fits(colours, 3) && fits(mask, 1),
      "views \(views.shape), colours \(colours?.shape ?? []), mask \(mask?.shape ?? [])")
    self.views = views
    self.colours = colours
    self.mask = mask
    self.question = question
    self.dropout = dropout
  }

  /// Which images count.
  var counted: [Bool] {
    let (images, rows, columns) = (views.shape[0], views.shape[1], views.shape[2])
    guard let mask else { return [Bool](repeating: true, count: images) }
    return mask.withSpan { values in
      (0..<images).map { image in
        [question.first, question.second].contains {
          values[(image * rows + $0.row) * columns + $0.column] > 0
        }
      }
    }
  }
}
