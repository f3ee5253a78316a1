//! What a measurement was made on.

use crate::lanes::dispatch::Simd;

/// The machine, as far as it shapes a step time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The processor's model, where the system says.
    pub processor: Option<String>,
    /// Architecture and operating system.
    pub target: String,
    /// The vector instructions in use.
    pub simd: &'static str,
    /// Threads that measurements use.
    pub threads: usize,
    /// Threads the machine runs at once.
    pub available: usize,
}

impl Machine {
    /// This machine; `threads` is what is asked for, or all there are.
    pub fn this(threads: Option<usize>) -> Self {
        let available = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            processor: processor(),
            target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            simd: Simd::current().name(),
            threads: threads.unwrap_or(available),
            available,
        }
    }
}

fn processor() -> Option<String> {
    std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| model_in(&text))
        .or_else(|| std::env::var("PROCESSOR_IDENTIFIER").ok())
}

/// The first `model name : …` of a cpuinfo file.
fn model_in(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    let name = line.split_once(':')?.1.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_read_from_its_line() {
        let text = "processor\t: 0\nmodel\t\t: 85\nmodel name\t: Some  CPU @ 2.0GHz\nmodel name\t: other\n";
        assert_eq!(model_in(text).as_deref(), Some("Some CPU @ 2.0GHz"));
        assert_eq!(model_in("processor: 0\n"), None);
    }
}
