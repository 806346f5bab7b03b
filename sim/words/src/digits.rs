//! Numbers in digits alone. The standard library takes a plus before them; a word is a number or it is none.

/// Reads a number in digits of this radix: no sign, no blanks, nothing but digits. None if it is anything else or does
/// not fit.
pub(crate) fn digits<N: TryFrom<u128>>(text: &str, radix: u32) -> Option<N> {
    let plain = text.chars().all(|c| c.is_digit(radix));
    let number = plain.then(|| u128::from_str_radix(text, radix).ok())??;
    N::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::{OF_A_SEARCH, OF_A_TEST};
    use crate::{count, duration, patience, scheduler, seed};

    #[test]
    fn only_digits_are_a_number() {
        assert_eq!(digits("007", 10), Some(7_u8));
        assert_eq!(digits("fF", 16), Some(255_u8));
        for bad in ["", "+7", "-7", " 7", "7 ", "1_0", "１", "ff", "256"] {
            assert_eq!(digits::<u8>(bad, 10), None, "{bad:?}");
        }
        assert_eq!(digits::<u8>("+f", 16), None);
    }

    #[test]
    fn no_word_takes_a_plus_before_its_number() {
        for text in ["+7", "0x+ff", "+0xff"] {
            assert!(seed::parse(text).is_err(), "{text}");
            assert!(seed::parse_number(text).is_err(), "{text}");
            assert!(count::parse(text, u64::MAX).is_err(), "{text}");
        }
        for text in ["pct:+3", "delay:+3", "bounded:+0"] {
            assert!(scheduler::parse(text, OF_A_SEARCH).is_err(), "{text}");
            assert!(scheduler::parse(text, OF_A_TEST).is_err(), "{text}");
        }
        for text in ["+1s", "1.+5s", "-+1s", "+0"] {
            assert!(duration::parse_ns(text).is_err(), "{text}");
            assert!(duration::parse_signed_ns(text).is_err(), "{text}");
            assert!(duration::setting(text).is_err(), "{text}");
            assert!(patience::parse(text).is_err(), "{text}");
        }
        for text in ["+1s..2s", "1s..+2s"] {
            let range = duration::parse_range_ns(text).expect("a range");
            assert!(range.is_err(), "{text}");
        }
    }
}
