//! The resident memory of this process, where the system says: on Linux. Allocations are not counted here.

/// Forgets the peak so far, so that the next one is of what comes now. Whether that was possible.
#[cfg(target_os = "linux")]
pub fn forget_peak() -> bool {
    // "5" resets the peak resident size (proc(5), /proc/pid/clear_refs).
    std::fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// Forgets the peak so far: not on this system.
#[cfg(not(target_os = "linux"))]
pub fn forget_peak() -> bool {
    false
}

/// The largest resident size since [`forget_peak`], in bytes.
#[cfg(target_os = "linux")]
pub fn peak_resident() -> Option<u64> {
    peak_in(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// The largest resident size: not known on this system.
#[cfg(not(target_os = "linux"))]
pub fn peak_resident() -> Option<u64> {
    None
}

/// The line `VmHWM:   1234 kB` of a status file, in bytes.
#[cfg(any(target_os = "linux", test))]
fn peak_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_bytes() {
        assert_eq!(peak_in("VmPeak:\t  99 kB\nVmHWM:\t    12 kB\nVmRSS:\t 7 kB\n"), Some(12 * 1024));
        assert_eq!(peak_in("VmHWM:\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_held_is_in_the_peak() {
        // Other tests run beside this one, so only a lower bound is certain.
        let block = vec![1u8; 256 << 20];
        std::hint::black_box(&block);
        forget_peak();
        assert!(peak_resident().unwrap() >= 256 << 20);
    }
}
