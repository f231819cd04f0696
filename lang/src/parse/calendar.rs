//! Durations, days and times of day as they are written.

/// Why a text is no point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoTime {
    /// Not `2027-03-01` or `2027-03-01T10:00:00Z`.
    Form,
    /// No such day in the calendar.
    Day,
    /// No such time of day.
    Clock,
}

impl NoTime {
    /// What the text is not.
    pub fn what(self) -> &'static str {
        match self {
            NoTime::Form => "date or time",
            NoTime::Day => "day of the calendar",
            NoTime::Clock => "time of day",
        }
    }

    /// What to write.
    pub fn help(self) -> &'static str {
        match self {
            NoTime::Form => "write `2027-03-01` or, in UTC, `2027-03-01T10:00:00Z`",
            NoTime::Day => "a date is year, month, day: `2027-03-01`",
            NoTime::Clock => "hours run from 00 to 23, minutes and seconds from 00 to 59",
        }
    }
}

/// `1h30m` in nanoseconds; `None` where it does not fit.
pub(super) fn duration(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        let scale: i64 = match unit {
            "ns" => 1,
            "us" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "d" => 86_400_000_000_000,
            "w" => 604_800_000_000_000,
            _ => return None,
        };
        total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(scale)?)?;
        rest = after;
    }
    Some(total)
}

/// `2027-03-01` or `2027-03-01T10:00:00Z` in seconds since 1970, UTC.
pub(super) fn time(text: &str) -> Result<i64, NoTime> {
    let number = |from: usize, to: usize| -> Result<i64, NoTime> {
        let digits = text.get(from..to).ok_or(NoTime::Form)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NoTime::Form);
        }
        digits.parse().map_err(|_| NoTime::Form)
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return Err(NoTime::Day);
    }
    let midnight = days_since_1970(year, month, day) * 86_400;
    let clock = text.get(10..).unwrap_or_default();
    if clock.is_empty() {
        return Ok(midnight);
    }
    let form = clock.len() == 10 && text.get(13..14) == Some(":") && text.get(16..17) == Some(":");
    if !form {
        return Err(NoTime::Form);
    }
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if hour > 23 || minute > 59 || second > 59 {
        return Err(NoTime::Clock);
    }
    Ok(midnight + hour * 3600 + minute * 60 + second)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar, negative before it.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Leap days before a year: every fourth, but for centuries that 400 does not divide.
    let before = |year: i64| {
        let last = year - 1;
        365 * year + last.div_euclid(4) - last.div_euclid(100) + last.div_euclid(400)
    };
    before(year) - before(1970) + (1..month).map(|month| days_in(year, month)).sum::<i64>() + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_add_up() {
        assert_eq!(duration("1h30m"), Some(5_400_000_000_000));
        assert_eq!(duration("500ms"), Some(500_000_000));
        assert_eq!(duration("90d"), Some(90 * 86_400 * 1_000_000_000));
        assert_eq!(duration("15251w"), None);
    }

    #[test]
    fn days_follow_the_calendar() {
        assert_eq!(time("1970-01-01"), Ok(0));
        assert_eq!(time("2000-03-01"), Ok(951_868_800));
        assert_eq!(time("2027-03-01T10:00:00Z"), Ok(1_803_895_200));
        assert_eq!(time("1969-12-31"), Ok(-86_400));
        assert!(time("2024-02-29").is_ok());
        assert_eq!(time("2023-02-29"), Err(NoTime::Day));
        assert_eq!(time("1900-02-29"), Err(NoTime::Day));
        assert_eq!(time("2027-13-01"), Err(NoTime::Day));
        assert_eq!(time("2027-03-01T24:00:00Z"), Err(NoTime::Clock));
        assert_eq!(time("2027-03-01T10:00Z"), Err(NoTime::Form));
    }
}
