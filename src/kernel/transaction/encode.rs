//! Writing. Whatever is written here is the only form that is read.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ABSENT, AGGREGATED, HEADER, Input, Output, PRESENT, SIGNERS_BITS, SIGNERS_LIST, Signature, Signatures, Transaction,
};
use crate::kernel::amount::Units;

pub(super) fn transaction(tx: &Transaction, signatures: Option<&Signatures>) -> Vec<u8> {
    let mut writer = Writer { bytes: HEADER.to_vec(), fits: true };
    writer.raw(&tx.asset.0);
    writer.count(tx.inputs.len());
    tx.inputs.iter().for_each(|input| writer.input(input));
    writer.count(tx.outputs.len());
    tx.outputs.iter().for_each(|output| writer.output(output));
    writer.count(tx.references.len());
    tx.references.iter().for_each(|reference| writer.raw(&reference.0));
    match u32::try_from(tx.extra.len()) {
        Ok(length) => writer.raw(&length.to_be_bytes()),
        Err(_) => writer.fits = false,
    }
    writer.raw(&tx.extra);
    match signatures {
        None => writer.count(0),
        Some(Signatures::Maps(maps)) => writer.maps(maps),
        Some(Signatures::Aggregated { signature, signers }) => writer.aggregated(signature, signers),
    }
    if writer.fits { writer.bytes } else { Vec::new() }
}

struct Writer {
    bytes: Vec<u8>,
    /// Falls when something is longer than its length field can say: then nothing at all is written, as a length
    /// that lies would let the excess be read as something else.
    fits: bool,
}

impl Writer {
    fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn count(&mut self, count: usize) {
        match u16::try_from(count) {
            Ok(count) => self.raw(&count.to_be_bytes()),
            Err(_) => self.fits = false,
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.raw(bytes);
    }

    fn amount(&mut self, amount: &Units) {
        match amount.to_wire() {
            Some(wire) => self.raw(&wire),
            None => self.fits = false,
        }
    }

    fn input(&mut self, input: &Input) {
        self.raw(&input.hash.0);
        self.raw(&input.index.to_be_bytes());
        self.bytes(&input.genesis);
        if let Some(deposit) = &input.deposit {
            self.raw(&PRESENT);
            self.raw(&deposit.chain.0);
            self.bytes(&deposit.asset_key);
            self.bytes(&deposit.transaction);
            self.raw(&deposit.index.to_be_bytes());
            self.amount(&deposit.amount);
        } else {
            self.raw(&ABSENT);
        }
        if let Some(mint) = &input.mint {
            self.raw(&PRESENT);
            self.bytes(&mint.group);
            self.raw(&mint.batch.to_be_bytes());
            self.amount(&mint.amount);
        } else {
            self.raw(&ABSENT);
        }
    }

    fn output(&mut self, output: &Output) {
        self.raw(&[0, output.kind]);
        self.amount(&output.amount);
        self.count(output.keys.len());
        output.keys.iter().for_each(|key| self.raw(&key.0));
        self.raw(&output.mask.0);
        self.bytes(&output.script);
        if let Some(withdrawal) = &output.withdrawal {
            self.raw(&PRESENT);
            self.bytes(&withdrawal.address);
            self.bytes(&withdrawal.tag);
        } else {
            self.raw(&ABSENT);
        }
    }

    fn maps(&mut self, maps: &[BTreeMap<u16, Signature>]) {
        self.count(maps.len());
        for map in maps {
            self.count(map.len());
            for (place, signature) in map {
                self.raw(&place.to_be_bytes());
                self.raw(&signature.0);
            }
        }
    }

    /// A bit map, or a list where the bit map would take more than two bytes a signer.
    fn aggregated(&mut self, signature: &Signature, signers: &BTreeSet<u16>) {
        self.raw(&AGGREGATED);
        self.raw(&signature.0);
        let bits_length = signers.last().map_or(0, |last| usize::from(*last >> 3).saturating_add(1));
        if bits_length > signers.len().saturating_mul(2) {
            self.raw(&[SIGNERS_LIST]);
            self.count(signers.len());
            for place in signers {
                self.raw(&place.to_be_bytes());
            }
            return;
        }
        let mut bits = vec![0_u8; bits_length];
        for place in signers {
            if let Some(byte) = bits.get_mut(usize::from(*place >> 3)) {
                *byte |= 1 << (*place & 7);
            }
        }
        self.raw(&[SIGNERS_BITS]);
        self.bytes(&bits);
    }
}
