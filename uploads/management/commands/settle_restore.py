"""manage.py settle_restore ID --remove, or --return --order TEXT: what becomes of the state that a restore put aside."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from uploads.backup.restoring import remove_aside, return_aside
from uploads.backup.tools import BackupError
from uploads.refusals import Refusal, refusals


class Command(BaseCommand):
    help = "Removes the former state after the deputy director has confirmed the restore, or puts it back before that."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("restoration", type=int, help="the restore's number on the page 备份, 恢复")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--remove", action="store_true", help="remove the former state")
        what.add_argument("--return", action="store_true", dest="put_back", help="put the former state back")
        parser.add_argument("--order", default="", help="the leader's order, for --return")

    def handle(self, *args: object, restoration: int, put_back: bool, order: str, **options: object) -> None:
        if put_back and not order.strip():
            raise CommandError("--return needs the leader's order: --order TEXT.")
        try:
            with refusals():
                if put_back:
                    where = return_aside(restoration, order.strip())
                    self.stdout.write(f"The former state is back; the restored one lies in the schema {where}.")
                else:
                    self.stdout.write(f"Removed: {remove_aside(restoration)}.")
        except BackupError as error:
            raise CommandError(str(error)) from error
        except Refusal as refusal:
            raise CommandError(f"{refusal.sentence()} ({refusal.key})") from refusal
