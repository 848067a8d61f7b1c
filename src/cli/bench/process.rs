//! What a process uses, as Linux tells: time on the processors and resident memory. `None` elsewhere.

use std::time::Duration;

/// `/proc` counts in hundredths of a second on every Linux (USER_HZ).
const TICK: Duration = Duration::from_millis(10);

/// Time on the processors, of the process and in its name; of this one for `self`.
pub(super) fn cpu(pid: &str) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is a name that may hold anything, in parentheses.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u32>().ok());
    Some(TICK * (ticks(11)? + ticks(12)?))
}

/// Bytes of memory that are the process' own: resident, without files that can be dropped.
pub(super) fn memory(pid: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_memory_and_uses_a_processor() {
        let mut sum = 0_u64;
        while cpu("self").unwrap().is_zero() {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(memory("self").unwrap() > 100_000);
    }
}
