//! Large numbers, with commas in them.

/// A number as it is read: 1,000.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn a_number_is_written_in_groups_of_three() {
        let numbers = [0, 12, 123, 1_000, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "12", "123", "1,000", "1,234,567"]);
    }
}
