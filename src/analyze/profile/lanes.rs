//! What ran at the same time lies on different lines of a timeline.

/// Lines of a timeline, each with the end of what lies on it.
#[derive(Debug, Default)]
pub struct Lanes(Vec<f64>);

impl Lanes {
    /// The first line that is free from `start` on, from 0; it is taken until `end`. What is asked for
    /// has to begin in order.
    pub fn take(&mut self, start: f64, end: f64) -> usize {
        let free = self.0.iter_mut().position(|until| *until <= start);
        match free.and_then(|index| self.0.get_mut(index).map(|until| (index, until))) {
            Some((index, until)) => {
                *until = end.max(start);
                index
            }
            None => {
                self.0.push(end.max(start));
                self.0.len() - 1
            }
        }
    }

    /// How many lines there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_lies_on_different_lines() {
        let mut lanes = Lanes::default();
        let times = [(0.0, 2.0), (1.0, 3.0), (2.0, 2.5), (2.2, 4.0), (2.6, 3.0)];
        let found = times.map(|(start, end)| lanes.take(start, end));
        assert_eq!(found, [0, 1, 0, 2, 0]);
        assert_eq!(lanes.count(), 3);
    }
}
