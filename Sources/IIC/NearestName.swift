/// The one of `known` that `name` was most likely meant to be, whatever its case, or nil when none
/// is near: at most a third of the longer one's letters (but always two) may be wrong.
///
/// The distance is Levenshtein's; of equally near names the first wins.
package func nearestName(to name: String, among known: [String]) -> String? {
  // No known name is near one this long, and the distance takes quadratic time.
  guard name.unicodeScalars.count <= 128 else { return nil }
  let wanted = Array(name.lowercased().unicodeScalars)
  var best: (name: String, distance: Int)?
  for candidate in known {
    let letters = Array(candidate.lowercased().unicodeScalars)
    let distance = editDistance(wanted, letters)
    guard distance <= max(2, max(wanted.count, letters.count) / 3) else { continue }
    if best.map({ distance < $0.distance }) ?? true {
      best = (candidate, distance)
    }
  }
  return best?.name
}

/// Levenshtein's distance: the fewest insertions, deletions and substitutions from `a` to `b`.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var row = Array(0...b.count)
  for (i, left) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, right) in b.enumerated() {
      let substitution = diagonal + (left == right ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substitution, diagonal + 1, row[j] + 1)
    }
  }
  return row[b.count]
}
