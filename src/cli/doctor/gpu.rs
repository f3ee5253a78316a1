//! The adapters there are, and which one a run would use.

use crate::engine::gpu::AdapterEntry;

/// A line an adapter, then what `auto` and `gpu` would do.
pub(super) fn facts(adapters: &[AdapterEntry]) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    for adapter in adapters {
        let driver = if adapter.driver.is_empty() { "unknown" } else { &adapter.driver };
        facts.push(("adapter", adapter.name.clone()));
        facts.push(("", format!("{}, {}, driver {driver}", adapter.kind, adapter.backend)));
        facts.push(("", format!("arrays of at most {} MiB", adapter.largest_array >> 20)));
    }
    let real = adapters.iter().find(|adapter| adapter.kind != "software");
    let auto = match (real, adapters.first()) {
        (Some(adapter), _) => format!("{} is real hardware", adapter.name),
        (None, Some(_)) => "the CPU: a software adapter is slower than the CPU engine".to_owned(),
        (None, None) => "the CPU: no Vulkan, Metal or DirectX 12 adapter was found".to_owned(),
    };
    let demanded = match adapters.first() {
        Some(adapter) => adapter.name.clone(),
        None => "exit code 4: there is no adapter (on Linux, is a Vulkan driver installed?)".to_owned(),
    };
    facts.push(("auto", auto));
    facts.push(("--engine gpu", demanded));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(name: &str, kind: &'static str) -> AdapterEntry {
        AdapterEntry {
            name: name.to_owned(),
            kind,
            backend: "vulkan".to_owned(),
            driver: String::new(),
            largest_array: 128 << 20,
        }
    }

    fn fact(adapters: &[AdapterEntry], name: &str) -> String {
        facts(adapters).into_iter().find(|(known, _)| *known == name).unwrap().1
    }

    #[test]
    fn it_says_why_no_gpu_is_used() {
        assert!(fact(&[], "auto").contains("no Vulkan"));
        assert!(fact(&[], "--engine gpu").contains("exit code 4"));
        let software = [adapter("llvmpipe", "software")];
        assert!(fact(&software, "auto").starts_with("the CPU: a software adapter"));
        assert_eq!(fact(&software, "--engine gpu"), "llvmpipe");
        let both = [adapter("big", "discrete"), adapter("llvmpipe", "software")];
        assert_eq!(fact(&both, "auto"), "big is real hardware");
        assert!(facts(&both).iter().any(|(_, text)| text.contains("128 MiB")));
    }
}
