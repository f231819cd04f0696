//! Instants and spans of time as text. Both are 64-bit counts of nanoseconds; instants count from 1970-01-01 UTC and so
//! reach from 1677 to 2262.

use std::fmt::Write;

/// Nanoseconds of a second.
pub const SECOND: i64 = 1_000_000_000;
/// Nanoseconds of a day.
pub const DAY: i64 = 86_400 * SECOND;

/// The units of a duration, longest first.
const UNITS: [(&str, i64); 8] = [
    ("w", 7 * DAY),
    ("d", DAY),
    ("h", 3_600 * SECOND),
    ("m", 60 * SECOND),
    ("s", SECOND),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Reads a duration as Go writes it (`1h30m`, `1.5h`, `-2s`, `0`), also in days and weeks.
pub fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let whole = &rest[..digits];
        rest = &rest[digits..];
        let mut fraction = "";
        if let Some(behind) = rest.strip_prefix('.') {
            let digits = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
            fraction = &behind[..digits];
            rest = &behind[digits..];
        }
        if (whole.is_empty() && fraction.is_empty()) || whole.len() > 19 {
            return None;
        }
        let letters = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = unit(&rest[..letters])?;
        rest = &rest[letters..];
        total += whole.parse::<i128>().unwrap_or(0) * i128::from(unit);
        // Digits beyond a nanosecond do not count.
        let mut scale = i128::from(unit);
        for digit in fraction.bytes() {
            scale /= 10;
            total += i128::from(digit - b'0') * scale;
        }
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

fn unit(name: &str) -> Option<i64> {
    let name = if matches!(name, "µs" | "μs") { "us" } else { name };
    UNITS.iter().find(|(unit, _)| *unit == name).map(|&(_, length)| length)
}

/// A duration as rules write it: `90d`, `1h30m`, `0s`. Weeks are told in days.
pub fn format_duration(nanoseconds: i64) -> String {
    let mut out = String::new();
    if nanoseconds < 0 {
        out.push('-');
    }
    let mut rest = nanoseconds.unsigned_abs();
    if rest == 0 {
        return "0s".into();
    }
    for (name, length) in &UNITS[1..] {
        let count = rest / *length as u64;
        rest %= *length as u64;
        if count > 0 {
            let _ = write!(out, "{count}{name}");
        }
    }
    out
}

/// Reads an instant as RFC 3339 writes it, or a date alone, which is its midnight (UTC).
pub fn parse_time(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = bytes.get(from..to)?;
        digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0')))
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let dashes = bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
    if !dashes || !(1..=12).contains(&month) || day < 1 || day > days_of_month(year, month) {
        return None;
    }
    let mut seconds = days_from_civil(year, month, day).checked_mul(86_400)?;
    let mut nanoseconds = 0;
    if bytes.len() > 10 {
        let colons = bytes.get(13) == Some(&b':') && bytes.get(16) == Some(&b':');
        if !matches!(bytes.get(10)?, b'T' | b't' | b' ') || !colons {
            return None;
        }
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        seconds += hour * 3_600 + minute * 60 + second;
        let mut rest = text.get(19..)?;
        if let Some(behind) = rest.strip_prefix('.') {
            let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return None;
            }
            let mut scale = SECOND;
            for digit in behind.bytes().take(digits) {
                scale /= 10;
                nanoseconds += i64::from(digit - b'0') * scale;
            }
            rest = &behind[digits..];
        }
        seconds -= zone(rest)?;
    }
    seconds.checked_mul(SECOND)?.checked_add(nanoseconds)
}

/// Seconds east of Greenwich.
fn zone(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let sign = match bytes {
        [b'Z' | b'z'] => return Some(0),
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let (hours, minutes) = (text.get(1..3)?.parse::<u8>().ok()?, text.get(4..6)?.parse::<u8>().ok()?);
    (hours < 24 && minutes < 60).then(|| sign * (i64::from(hours) * 3_600 + i64::from(minutes) * 60))
}

/// An instant as RFC 3339 writes it, in UTC; the date alone where it is midnight.
pub fn format_time(nanoseconds: i64) -> String {
    let (days, rest) = (nanoseconds.div_euclid(DAY), nanoseconds.rem_euclid(DAY));
    let (year, month, day) = civil_from_days(days);
    let mut out = format!("{year:04}-{month:02}-{day:02}");
    if rest != 0 {
        let (seconds, fraction) = (rest / SECOND, rest % SECOND);
        let _ = write!(out, "T{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
        if fraction != 0 {
            let digits = format!("{fraction:09}");
            let _ = write!(out, ".{}", digits.trim_end_matches('0'));
        }
        out.push('Z');
    }
    out
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counted in eras of 400 years that start on a 1st of March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date so many days after 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them_and_in_days() {
        assert_eq!(parse_duration("1h30m"), Some(5_400 * SECOND));
        assert_eq!(parse_duration("1.5h"), Some(5_400 * SECOND));
        assert_eq!(parse_duration("90d"), Some(90 * DAY));
        assert_eq!(parse_duration("2w"), Some(14 * DAY));
        assert_eq!(parse_duration("-10ms"), Some(-10_000_000));
        assert_eq!(parse_duration("0"), Some(0));
        for wrong in ["", "h", "1", "1x", "1h 30m", "-", "9999999999w", ".s"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_are_written_as_rules_write_them() {
        assert_eq!(format_duration(90 * DAY), "90d");
        assert_eq!(format_duration(5_400 * SECOND), "1h30m");
        assert_eq!(format_duration(36 * 3_600 * SECOND), "1d12h");
        assert_eq!(format_duration(0), "0s");
        assert_eq!(format_duration(-1_500_000), "-1ms500us");
    }

    #[test]
    fn times_are_rfc_3339_or_dates() {
        assert_eq!(parse_time("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse_time("1970-01-02T00:00:00.5+01:00"), Some(23 * 3_600 * SECOND + SECOND / 2));
        assert_eq!(parse_time("2027-03-01"), Some(20_878 * DAY));
        for wrong in ["2027-02-29", "2027-3-01", "2027-03-01T10:00", "2027-03-01T10:00:00", "yesterday", "2500-01-01"] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
        for text in ["2027-03-01", "2024-02-29T23:59:59.25Z", "1969-12-31T23:00:00Z", "2000-12-31"] {
            assert_eq!(format_time(parse_time(text).unwrap()), text);
        }
    }
}
