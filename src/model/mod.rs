//! What the files say: definitions, the machines they make up, and the values that come out.

mod assembly;
mod builders;
mod collect;
mod definition;
mod flake;
mod flakes;
mod includes;
mod kind;
mod library;
mod lines;
mod load;
mod machine;
mod modules;
mod packages;
mod rendered;
mod roots;
mod scope;
mod sets;
mod setting;
mod which_nix;
mod words;

pub use builders::{Builder, Builders, Column, Fault, Misread, Part as BuilderPart};
pub use definition::{Condition, DefId, Definition, Form, OptionPath, Order, Priority};
pub use flakes::UnreadMachine;
pub use includes::Inclusion;
pub use library::{FilePart, Shelf};
pub use load::{FileError, LoadOptions, Loaded, flake_targets, load, project_of};
pub use machine::{
    Hole, Machine, MachineView, OddLine, Oddity, Origin, Problem, SETTINGS_SETS, Swallowed,
    Workspace,
};
pub use rendered::{
    Line, Lost, LostWhy, Open, Outcome, Part, Reach, Rendered, Source, Text, text_of,
};
pub use setting::{Effective, Item, Items, Setting, parse_amount};
