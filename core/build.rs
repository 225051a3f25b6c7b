//! Makes the index of the embedding table: where each token begins, and a hash table that finds it. A
//! backend uses both as they lie in the library, so they cost it neither time nor memory of its own.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

/// Slots of the hash table, of which at most a half is taken.
const SLOTS: usize = 1 << 16;

/// The length of the header of the table: magic, dimensions, tokens, length of their names, zero.
const HEADER: usize = 24;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=assets/static.bin");
    let table = fs::read("assets/static.bin")?;
    let names_length = u32::from_le_bytes(table.get(16..20).ok_or("a short header")?.try_into()?);
    let end = HEADER + usize::try_from(names_length)?;
    let names = table.get(HEADER..end).ok_or("the names are cut")?;
    let mut slots = vec![0_u16; SLOTS];
    let mut ends = Vec::new();
    let mut from = 0;
    for name in names
        .split(|&byte| byte == b'\n' || byte == 0)
        .take_while(|name| !name.is_empty())
    {
        let mut slot = usize::try_from(fnv1a(name) % SLOTS as u64)?;
        while slots.get(slot).is_some_and(|&taken| taken != 0) {
            slot = (slot + 1) % SLOTS;
        }
        let number = u16::try_from(ends.len() + 1)?;
        *slots.get_mut(slot).ok_or("no slot")? = number;
        from += name.len() + 1;
        ends.push(u32::try_from(from - 1)?);
    }
    if ends.len() > SLOTS / 2 {
        return Err("too many tokens for the hash table".into());
    }
    let out = env::var_os("OUT_DIR").ok_or("no OUT_DIR")?;
    let bytes: Vec<u8> = slots.iter().flat_map(|slot| slot.to_le_bytes()).collect();
    fs::write(Path::new(&out).join("slots.bin"), bytes)?;
    let bytes: Vec<u8> = ends.iter().flat_map(|end| end.to_le_bytes()).collect();
    fs::write(Path::new(&out).join("ends.bin"), bytes)?;
    Ok(())
}

/// The same as in `src/embedding/hash.rs`.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
